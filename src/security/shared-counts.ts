/** Counts of keys that several processes add to. */
export interface SharedCounts {
  /** Adds to a key's count in a window, and gives what all have counted by then; undefined when there is no answer in time. */
  add(key: string, windowStart: number, count: number): Promise<number | undefined>;
}

export interface SharedCountsOptions {
  add: (key: string, windowStart: number, count: number) => Promise<number | undefined>;
  /** Told once when the counts cannot be reached, until they have answered again. */
  onError: (error: unknown) => void;
  answerWithinMs?: number;
  /** How long nobody asks after one got no answer. */
  restMs?: number;
}

/** A request waits no longer than this to be counted. */
const ANSWER_WITHIN_MS = 250;
const REST_MS = 5_000;

/** Makes counts that never fail and never take long, of ones that may: while they do not answer, they are left alone. */
export function createSharedCounts(options: SharedCountsOptions): SharedCounts {
  const { answerWithinMs = ANSWER_WITHIN_MS, restMs = REST_MS } = options;
  let restsUntilMs = 0;
  let isTold = false;
  return {
    async add(key, windowStart, count) {
      if (performance.now() < restsUntilMs) return undefined;
      try {
        const total = await within(answerWithinMs, options.add(key, windowStart, count));
        isTold = false;
        return total;
      } catch (error) {
        restsUntilMs = performance.now() + restMs;
        if (!isTold) options.onError(error);
        isTold = true;
        return undefined;
      }
    },
  };
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`there was no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
