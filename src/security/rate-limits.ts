import type { Logger } from '../platform/logging.js';
import type { Queries } from '../store/database.js';
import { addToRateCount, deleteRateCounts } from '../store/rate-counts.js';
import { createRateLimiter, type RateLimiter } from './rate-limiter.js';
import { createSharedCounts } from './shared-counts.js';

/** How many requests a minute are let through; 0: any number. */
export interface RateLimitConfig {
  principal: number;
  address: number;
  store: 'memory' | 'postgres';
  /** How many requests a minute of an address may come without a valid credential. */
  failedAuthentications?: number;
}

/** The limiters of the API; one that is left out limits nothing. */
export interface RateLimits {
  /** All requests of an address, whoever sends them. */
  readonly address?: RateLimiter;
  /** The requests of an address whose credential was none. */
  readonly failedAuthentication: RateLimiter;
  /** The requests of a principal, from wherever. */
  readonly principal?: RateLimiter;
  stop(): void;
}

const WINDOW_MS = 60_000;
/** Enough for a program that starts with a wrong key; to try keys it is nothing, as there are 2^256 of them. */
const FAILED_AUTHENTICATIONS = 60;
const SWEEP_EVERY_MS = 10 * WINDOW_MS;

export function startRateLimits(
  config: RateLimitConfig,
  { db, now, logger }: { db: Queries; now: () => number; logger: Logger },
): RateLimits {
  const isShared = config.store === 'postgres';
  const shared = isShared
    ? createSharedCounts({
        add: (key, windowStart, count) => addToRateCount(db, key, windowStart, count),
        onError: (err) => logger.warn({ err }, 'the shared rate limits cannot be reached: this process counts alone'),
      })
    : undefined;
  const limiter = (name: string, limit: number) =>
    createRateLimiter({ name, limit, windowMs: WINDOW_MS }, { now, shared });
  const sweep = () =>
    deleteRateCounts(db, now() - 2 * WINDOW_MS).catch((err: unknown) =>
      logger.warn({ err }, 'old rate counts could not be deleted; they will be'),
    );
  const timer = isShared ? setInterval(() => void sweep(), SWEEP_EVERY_MS) : undefined;
  timer?.unref();
  return {
    ...(config.address === 0 ? {} : { address: limiter('address', config.address) }),
    failedAuthentication: limiter('failed-authentication', config.failedAuthentications ?? FAILED_AUTHENTICATIONS),
    ...(config.principal === 0 ? {} : { principal: limiter('principal', config.principal) }),
    stop: () => clearInterval(timer),
  };
}
