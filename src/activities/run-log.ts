import type { LogLevel } from '../handlers/handler.js';
import { bytesOf, lengthOf, loggedLine, type LoggedLine } from '../handlers/shared/log-line.js';
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

/** Where the lines of a log go. */
export interface RunLogPorts {
  /** Epoch milliseconds. */
  now: () => number;
  /** Writes lines in their order; what it could not write is given to it again. */
  append: (lines: LogLine[]) => Promise<void>;
  /** Gives how many of so many bytes may still be written by the project's quota; left out: all. */
  takeBytes?: (bytes: number) => Promise<number>;
}

/** A line that is yet to be written. */
interface Pending {
  readonly line: LogLine;
  /** What it takes of the quota; 0: nothing, or it has it already. */
  bytes: number;
}

/** @param used what earlier attempts of the run have logged, in characters */
export function createRunLog({ now, append, takeBytes }: RunLogPorts, used = 0): RunLog {
  let pending: Pending[] = [];
  let length = used;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  let isCut = false;
  let isOverQuota = false;
  let isEnded = false;

  const stamped = (line: LoggedLine): LogLine => ({ at: new Date(now()).toISOString(), ...line });
  const add = (line: LoggedLine, bytes: number) => {
    pending.push({ line: stamped(line), bytes });
    writeSoon();
  };
  const writeSoon = () => {
    if (isEnded || writing || pending.length === 0) return;
    timer ??= setTimeout(writeBatch, FLUSH_AFTER_MS);
  };
  const writeBatch = () => {
    timer = undefined;
    let batch = pending;
    pending = [];
    writing = withinQuota(batch)
      .then((lines) => {
        batch = lines;
        return append(linesOf(lines));
      })
      .catch(() => {
        pending = [...batch, ...pending];
      })
      .finally(() => {
        writing = undefined;
        writeSoon();
      });
  };
  /** Those of the lines that the quota has room for, and once of an attempt a line that says so of the others. */
  const withinQuota = async (lines: Pending[]): Promise<Pending[]> => {
    const bytes = lines.reduce((sum, line) => sum + line.bytes, 0);
    let room = takeBytes && bytes > 0 ? await takeBytes(bytes) : bytes;
    return lines.flatMap(({ line, bytes: needed }) => {
      room -= needed;
      if (needed === 0 || room >= 0) return [{ line, bytes: 0 }];
      if (isOverQuota) return [];
      isOverQuota = true;
      return [{ line: stamped(overQuota), bytes: 0 }];
    });
  };

  return {
    write(level, message, fields) {
      if (isEnded || isCut) return;
      const line = loggedLine(level, message, fields);
      length += lengthOf(line);
      isCut = length > MAX_LOG_LENGTH;
      if (isCut) add(cutHere, 0);
      else add(line, bytesOf(line));
    },
    note(level, message) {
      if (!isEnded) add(loggedLine(level, message), 0);
    },
    async take() {
      isEnded = true;
      clearTimeout(timer);
      await writing;
      const rest = pending;
      pending = [];
      // Where the quota cannot be asked the lines are kept: the statement that ends the attempt must be tried in any case.
      return linesOf(await withinQuota(rest).catch(() => rest));
    },
  };
}

const linesOf = (pending: readonly Pending[]): LogLine[] => pending.map(({ line }) => line);

const cutHere = loggedLine('warn', `The log of this run is cut here: it is over ${MAX_LOG_LENGTH} characters.`);
const overQuota = loggedLine(
  'warn',
  'Lines are left out from here on: the project has logged as much as it may in a day.',
);
