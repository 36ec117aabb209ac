import { AsyncResource } from 'node:async_hooks';
import { LRUCache } from 'lru-cache';
import PQueue from 'p-queue';

/** How much this node asks of one host (name or address, and port) at most. */
export interface HostLimits {
  /** Requests under way at once, from 1. */
  readonly concurrency: number;
  /** Requests begun within any second, from 1. */
  readonly perSecond: number;
}

export const DEFAULT_HOST_LIMITS: HostLimits = { concurrency: 20, perSecond: 50 };

const SECOND_MS = 1_000;
/** How many hosts without a request are remembered for what they had in the last second. */
const MAX_IDLE_HOSTS = 1_000;

/** How a request takes its turn. */
export interface Turn {
  /** Ends the wait. */
  readonly signal: AbortSignal;
  /** Whether it goes on with what an earlier request began: then it goes before those that have not begun. */
  readonly continues: boolean;
  /** Told once, at the beginning of a wait. */
  readonly onWait: (host: string) => void;
}

/** Lets requests to a host go in the order of their coming, no faster than the limits. Hosts do not wait for one another. */
export interface HostTurns {
  /** Does `work`, a request to `url`, in its turn. Rejects with the signal's reason when that aborts. */
  run<T>(url: URL, turn: Turn, work: () => Promise<T>): Promise<T>;
  /** How many hosts are known: those with a request, and some that had one within a second or so. */
  readonly hosts: number;
}

/** @throws RangeError when a limit is no whole number from 1 */
export function createHostTurns(limits: HostLimits): HostTurns {
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isInteger(value) || value < 1) throw new RangeError(`The limit ${name} must be a whole number from 1.`);
  }
  // One with requests must not be forgotten, or its next request would find a host without any; there are no more of
  // these than runs on this node. After a second without, a remembered queue is as good as a new one.
  const busy = new Map<string, PQueue>();
  const idle = new LRUCache<string, PQueue>({ max: MAX_IDLE_HOSTS, ttl: SECOND_MS });

  function queueOf(host: string): PQueue {
    const queue = busy.get(host) ?? idle.get(host) ?? newQueue(host);
    idle.delete(host);
    busy.set(host, queue);
    return queue;
  }

  function newQueue(host: string): PQueue {
    const queue = new PQueue({
      concurrency: limits.concurrency,
      intervalCap: limits.perSecond,
      interval: SECOND_MS,
      // Any second, not those of the clock: else twice the limit could come around the turn of one.
      strict: true,
    });
    return queue.on('idle', () => {
      busy.delete(host);
      idle.set(host, queue);
    });
  }

  return {
    run(url, { signal, continues, onWait }, work) {
      const host = hostOf(url);
      let begun = false;
      // The queue may begin the work when another run's ends: bound, it stays in its own run's asynchronous context.
      const begin = AsyncResource.bind(() => {
        begun = true;
        return work();
      });
      const done = queueOf(host).add(begin, { signal, priority: continues ? 1 : 0 });
      // What need not wait has begun before `add` returns.
      if (!begun && !signal.aborted) onWait(host);
      return done;
    },
    get hosts() {
      return busy.size + idle.size;
    },
  };
}

/** The dot of a fully qualified name makes no other host; the default port is no other port. */
function hostOf({ hostname, port, protocol }: URL): string {
  return `${hostname.replace(/\.$/, '')}:${port || (protocol === 'https:' ? 443 : 80)}`;
}
