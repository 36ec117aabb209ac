import type { LogLevel } from '../handlers/handler.js';
import { lengthOf, loggedLine, type LoggedLine } from '../handlers/shared/log-line.js';
import { MAX_LOG_LENGTH } from '../handlers/shared/run-limits.js';
import type { LogLine } from '../store/run-logs.js';

const FLUSH_AFTER_MS = 250;

/** The log of one attempt: lines are gathered and written in batches, so that a handler never waits for the database. */
export interface RunLog {
  /** A line of the handler's. What is over the limit of the run is left out, which one line of each attempt says. */
  write(level: LogLevel, message: string, fields?: Record<string, unknown>): void;
  /** A line of the executor's own, which is never left out: a few short ones an attempt, such as how it ended. */
  note(level: LogLevel, message: string): void;
  /** Ends the log, and gives the lines not written yet, for the statement that ends the attempt. */
  take(): Promise<LogLine[]>;
}

/**
 * @param append writes lines in their order; what it could not write is given to it again
 * @param used what earlier attempts of the run have logged, in characters
 */
export function createRunLog(now: () => number, append: (lines: LogLine[]) => Promise<void>, used = 0): RunLog {
  let pending: LogLine[] = [];
  let length = used;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  let isCut = false;
  let isEnded = false;

  const add = (line: LoggedLine) => {
    pending.push({ at: new Date(now()).toISOString(), ...line });
    writeSoon();
  };
  const writeSoon = () => {
    if (isEnded || writing || pending.length === 0) return;
    timer ??= setTimeout(writeBatch, FLUSH_AFTER_MS);
  };
  const writeBatch = () => {
    timer = undefined;
    const batch = pending;
    pending = [];
    writing = append(batch)
      .catch(() => {
        pending = [...batch, ...pending];
      })
      .finally(() => {
        writing = undefined;
        writeSoon();
      });
  };

  return {
    write(level, message, fields) {
      if (isEnded || isCut) return;
      const line = loggedLine(level, message, fields);
      length += lengthOf(line);
      isCut = length > MAX_LOG_LENGTH;
      add(isCut ? cutHere : line);
    },
    note(level, message) {
      if (!isEnded) add(loggedLine(level, message));
    },
    async take() {
      isEnded = true;
      clearTimeout(timer);
      await writing;
      const rest = pending;
      pending = [];
      return rest;
    },
  };
}

const cutHere = loggedLine('warn', `The log of this run is cut here: it is over ${MAX_LOG_LENGTH} characters.`);
