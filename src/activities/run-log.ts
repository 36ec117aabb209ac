import type { LogLevel } from '../handlers/handler.js';
import type { LogLine } from '../store/run-logs.js';

/** A longer line is cut, in characters. */
export const MAX_LINE_LENGTH = 8 * 1024;

/** What one attempt may log in all, in characters; then one line says that the rest is left out. */
export const MAX_RUN_LOG_LENGTH = 1024 * 1024;

const FLUSH_AFTER_MS = 250;
const FLUSH_AT_LINES = 100;

/** The log of one attempt: lines are gathered and written in batches, so that a handler never waits for the database. */
export interface RunLog {
  write(level: LogLevel, message: string, fields?: Record<string, unknown>): void;
  /** Takes the lines not written yet, for the statement that ends the attempt, and stops the batches. */
  take(): Promise<LogLine[]>;
}

export function createRunLog(now: () => number, append: (lines: LogLine[]) => Promise<void>): RunLog {
  let pending: LogLine[] = [];
  let length = 0;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const lines = pending;
    pending = [];
    // One batch after the other keeps the order; one that could not be written goes with the next.
    writing = writing
      .then(() => append(lines))
      .catch(() => {
        pending = [...lines, ...pending];
      });
  };

  return {
    write(level, message, fields) {
      if (length > MAX_RUN_LOG_LENGTH) return;
      length += message.length + 64;
      const line = lineOf(now(), level, message, fields);
      if (length > MAX_RUN_LOG_LENGTH) {
        line.level = 'warn';
        line.message = `The log of this attempt is cut here: it is over ${MAX_RUN_LOG_LENGTH} characters.`;
        delete line.fields;
      }
      pending.push(line);
      if (pending.length >= FLUSH_AT_LINES) flush();
      else timer ??= setTimeout(flush, FLUSH_AFTER_MS);
    },
    async take() {
      clearTimeout(timer);
      await writing;
      const lines = pending;
      pending = [];
      return lines;
    },
  };
}

function lineOf(now: number, level: LogLevel, message: string, fields?: Record<string, unknown>): LogLine {
  const cut = message.length > MAX_LINE_LENGTH ? `${message.slice(0, MAX_LINE_LENGTH)}… (cut)` : message;
  return { at: new Date(now).toISOString(), level, message: cut, ...(fields === undefined ? {} : { fields }) };
}
