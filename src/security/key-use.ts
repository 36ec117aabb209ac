import type { Logger } from '../platform/logging.js';
import type { Queries } from '../store/database.js';
import { noteKeyUse } from '../store/keys.js';

/** How often the uses of keys are written down, in milliseconds: one statement for all of them. */
const WRITE_EVERY_MS = 30_000;

export interface KeyUse {
  /** Notes that a key was used now. */
  note(keyId: string): void;
  /** Writes down what was noted since the last time. */
  write(): Promise<void>;
  /** Writes down what was noted, and does so no more by itself. */
  stop(): Promise<void>;
}

/** Keeps when each key was used last, without a statement for each use. */
export function startKeyUse({ db, now, logger }: { db: Queries; now: () => number; logger: Logger }): KeyUse {
  let used = new Map<string, number>();
  const write = async () => {
    if (used.size === 0) return;
    const uses = [...used].map(([id, at]) => ({ id, at }));
    used = new Map();
    // One that fails is not tried again: the next use is a better answer to "when last?".
    await noteKeyUse(db, uses).catch((error: unknown) => logger.warn({ err: error }, 'key uses could not be written'));
  };
  const timer = setInterval(() => void write(), WRITE_EVERY_MS);
  timer.unref();
  return {
    note: (keyId) => void used.set(keyId, now()),
    write,
    async stop() {
      clearInterval(timer);
      await write();
    },
  };
}
