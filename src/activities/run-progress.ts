import { MAX_PROGRESS_LENGTH } from '../handlers/shared/run-limits.js';
import { beginningOf } from '../handlers/shared/text.js';

/** How far a run says it is. `at` is RFC 3339. */
export interface Progress {
  /** 0 to 1. */
  fraction: number;
  message?: string;
  at: string;
}

const WRITE_EVERY_MS = 1_000;

/** What one attempt tells of how far it is: the newest is written, at most once a second. */
export interface RunProgress {
  report(fraction: number, message?: string): void;
  /** Ends the telling; what was not written yet is not. */
  stop(): Promise<void>;
}

/** @param write keeps what is told; where it fails, the next one is written */
export function createRunProgress(now: () => number, write: (progress: Progress) => Promise<void>): RunProgress {
  let newest: Progress | undefined;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  let writtenAt = -Infinity;
  let isEnded = false;

  const writeNewest = () => {
    timer = undefined;
    const progress = newest;
    if (!progress || isEnded) return;
    newest = undefined;
    writtenAt = now();
    writing = write(progress)
      .catch(() => undefined)
      .finally(() => {
        writing = undefined;
        writeSoon();
      });
  };
  const writeSoon = () => {
    if (isEnded || writing || newest === undefined) return;
    timer ??= setTimeout(writeNewest, Math.max(0, writtenAt + WRITE_EVERY_MS - now()));
  };

  return {
    report(fraction, message) {
      if (isEnded || !Number.isFinite(fraction)) return;
      newest = {
        fraction: Math.min(1, Math.max(0, fraction)),
        ...(typeof message === 'string' ? { message: beginningOf(message, MAX_PROGRESS_LENGTH) } : {}),
        at: new Date(now()).toISOString(),
      };
      writeSoon();
    },
    async stop() {
      isEnded = true;
      clearTimeout(timer);
      await writing;
    },
  };
}
