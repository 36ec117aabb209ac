import { LRUCache } from 'lru-cache';
import type { SharedCounts } from './shared-counts.js';

/** How often something may be done by one key: `limit` times in each window, whose begins are the same for all keys. */
export interface RatePolicy {
  /** As clients are told it in `RateLimit-Policy`. */
  readonly name: string;
  readonly limit: number;
  readonly windowMs: number;
}

/** What is left of a key's window. */
export interface RateState {
  readonly policy: RatePolicy;
  readonly isAllowed: boolean;
  readonly remaining: number;
  /** How long the window still lasts. */
  readonly resetMs: number;
}

export interface RateLimiter {
  readonly policy: RatePolicy;
  /** Counts one more of a key, unless there is none left: then nothing is counted, and nothing asked of anybody. */
  take(key: string): Promise<RateState>;
  /** How a key stands, as far as is known here. */
  look(key: string): RateState;
}

export interface RateLimiterOptions {
  /** Epoch milliseconds, by a clock that the replicas share. */
  now: () => number;
  /** The counts that this process shares with others; left out: it is alone. */
  shared?: SharedCounts | undefined;
  /** The most keys that are remembered. */
  maxKeys?: number;
}

/** Some 10 MB; of a key that is forgotten the count begins anew, up to what the other replicas know of it. */
const MAX_KEYS = 50_000;

/**
 * A replica tells the others of a key once in this many parts of its limit: so many requests cost no query, and by so
 * much each replica may let too many through.
 */
const REPORTS_A_WINDOW = 100;

interface Count {
  windowStart: number;
  /** As many as are known of, here and elsewhere. */
  used: number;
  /** Those among them that the others have not been told of. */
  unreported: number;
}

/**
 * Counts in fixed windows. The count is kept here, so that most requests ask nobody; each hundredth part of a limit it is
 * brought together with what the other replicas counted.
 */
export function createRateLimiter(policy: RatePolicy, options: RateLimiterOptions): RateLimiter {
  const { now, shared, maxKeys: max = MAX_KEYS } = options;
  const { name, limit, windowMs } = policy;
  const reportEvery = Math.max(1, Math.floor(limit / REPORTS_A_WINDOW));
  const counts = new LRUCache<string, Count>({ max });

  const countOf = (key: string, at: number): Count => {
    const windowStart = Math.floor(at / windowMs) * windowMs;
    const count = counts.get(key);
    return count && count.windowStart >= windowStart ? count : { windowStart, used: 0, unreported: 0 };
  };
  const stateOf = ({ windowStart, used }: Count, at: number, isAllowed: boolean): RateState => ({
    policy,
    isAllowed,
    remaining: isAllowed ? Math.max(0, limit - used) : 0,
    resetMs: windowStart + windowMs - at,
  });

  return {
    policy,
    look(key) {
      const at = now();
      const count = countOf(key, at);
      return stateOf(count, at, count.used < limit);
    },
    async take(key) {
      const at = now();
      const count = countOf(key, at);
      if (count.used >= limit) return stateOf(count, at, false);
      counts.set(key, count);
      count.used += 1;
      count.unreported += 1;
      if (!shared || count.unreported < reportEvery) return stateOf(count, at, true);

      const reported = count.unreported;
      count.unreported = 0;
      const total = await shared.add(`${name}:${key}`, count.windowStart, reported);
      if (total === undefined) count.unreported += reported;
      else count.used = Math.max(count.used, total + count.unreported);
      return stateOf(count, at, total === undefined || total <= limit);
    },
  };
}
