import type { LogLevel } from '../handlers/handler.js';
import { LINE_OVERHEAD, type LogLine } from '../store/run-logs.js';

/** A longer line is cut, in characters. */
export const MAX_LINE_LENGTH = 8 * 1024;

/** What a run may log in all, over its attempts, in characters; then one line says that the rest is left out. */
export const MAX_RUN_LOG_LENGTH = 1024 * 1024;

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

  const add = (line: LogLine) => {
    pending.push(line);
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
      const line = lineOf(now(), level, message, fields);
      length +=
        line.message.length + (line.fields === undefined ? 0 : JSON.stringify(line.fields).length) + LINE_OVERHEAD;
      isCut = length > MAX_RUN_LOG_LENGTH;
      add(isCut ? cutHere(now()) : line);
    },
    note(level, message) {
      if (!isEnded) add(lineOf(now(), level, message));
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

function lineOf(now: number, level: LogLevel, message: string, fields?: Record<string, unknown>): LogLine {
  const cut = message.length > MAX_LINE_LENGTH ? `${message.slice(0, MAX_LINE_LENGTH)}… (cut)` : message;
  const kept = fields && plainJson(fields);
  return { at: new Date(now).toISOString(), level, message: cut, ...(kept === undefined ? {} : { fields: kept }) };
}

/** A copy, so that a later change of theirs changes nothing here; what is not JSON, or too long, is left out by name. */
function plainJson(fields: Record<string, unknown>): Record<string, unknown> {
  try {
    const text = JSON.stringify(fields);
    if (text.length <= MAX_LINE_LENGTH) return JSON.parse(text) as Record<string, unknown>;
    return { leftOut: `The fields had ${text.length} characters.` };
  } catch {
    return { leftOut: 'The fields are not JSON.' };
  }
}

function cutHere(now: number): LogLine {
  const message = `The log of this run is cut here: it is over ${MAX_RUN_LOG_LENGTH} characters.`;
  return { at: new Date(now).toISOString(), level: 'warn', message };
}
