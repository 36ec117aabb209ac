import { LRUCache } from 'lru-cache';

/** What was read a moment ago, by its key. Readers of a key that come together share one reading. */
export interface ReadCache<Value> {
  get(key: string, read: () => Promise<Value>): Promise<Value>;
  /** Has a key read anew; also by those who ask while it is being read. */
  forget(key: string): void;
  forgetAll(): void;
}

/** Keeps what is read for `ttlMs` from the beginning of the reading, and the `size` that were asked for last. */
export function createReadCache<Value>({ ttlMs, size }: { ttlMs: number; size: number }): ReadCache<Value> {
  // The readings are kept, not what they bring: one that was under way when its key was forgotten is kept no more, while
  // those who wait for it are answered all the same.
  const readings = new LRUCache<string, Promise<Value>>({ max: size, ttl: ttlMs });
  return {
    get(key, read) {
      const known = readings.get(key);
      if (known) return known;
      const reading = read();
      readings.set(key, reading);
      reading.catch(() => {
        if (readings.peek(key) === reading) readings.delete(key);
      });
      return reading;
    },
    forget: (key) => void readings.delete(key),
    forgetAll: () => readings.clear(),
  };
}
