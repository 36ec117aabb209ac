import type { LogLevel, RunContext } from '../handler.js';
import { createLineReader } from './line-reader.js';
import { LOG_LINE_OVERHEAD, MAX_LOG_LINE_LENGTH } from './run-limits.js';
import { KIB } from './size.js';
import { createTail, type TailText } from './tail.js';

/** What the result holds of a program's output, in bytes of UTF-8: the end. */
export const STDOUT_TAIL_BYTES = 16 * KIB;
export const STDERR_TAIL_BYTES = 4 * KIB;

/** Ends each part but the last of a line that is too long for one. */
const CONTINUED_MARK = '…';

/** What the results of runs of a program have in common. Its JSON is at most 64 KiB: JSON writes no character of the texts with more than two. */
export interface ProgramResult {
  exitCode: number;
  durationMs: number;
  /** The last 16 KiB. */
  stdout: string;
  /** The last 4 KiB. */
  stderr: string;
  /** Whether `stdout` or `stderr` is only the end of what was written. */
  truncated: boolean;
}

/** A stream of a program's. All of it can be pushed: memory is bounded, so that the program never waits. */
interface OutputStream {
  push(chunk: Buffer): void;
  /** Logs a last line that has no end. */
  end(): void;
  tail(): TailText;
}

/** Where the output of a program goes: its lines into the run's log up to a limit, its end into the result. */
export interface ProgramOutput {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  result(): Pick<ProgramResult, 'stdout' | 'stderr' | 'truncated'>;
}

export interface OutputRules {
  readonly log: RunContext['log'];
  /** How much is logged of both streams together, in bytes of UTF-8, each line counting `LOG_LINE_OVERHEAD` more. */
  readonly maxLoggedBytes: number;
  /** The plain text of what was written: of a line, or of several. */
  clean(text: string): string;
  /** Whether a line of stdout is for something else than the log. */
  takes?(line: string): boolean;
}

export function createProgramOutput({ log, maxLoggedBytes, clean, takes }: OutputRules): ProgramOutput {
  let loggedBytes = 0;
  let isFull = false;

  const logLine = (level: LogLevel, line: string): void => {
    if (isFull) return;
    loggedBytes += Buffer.byteLength(line) + LOG_LINE_OVERHEAD;
    isFull = loggedBytes > maxLoggedBytes;
    if (isFull) log('warn', `The output is over the limit of ${maxLoggedBytes} bytes: the rest of it is not logged.`);
    else log(level, line);
  };
  const streamOf = (level: LogLevel, tailBytes: number, isTaken?: (line: string) => boolean): OutputStream => {
    const tail = createTail(tailBytes, clean);
    const lines = createLineReader(MAX_LOG_LINE_LENGTH - CONTINUED_MARK.length, (raw, continues) => {
      const line = clean(raw.endsWith('\r') ? raw.slice(0, -1) : raw) + (continues ? CONTINUED_MARK : '');
      if (!isTaken?.(line)) logLine(level, line);
    });
    return {
      push(chunk) {
        tail.push(chunk);
        if (!isFull) lines.push(chunk);
      },
      end: () => void (isFull || lines.end()),
      tail: tail.read,
    };
  };
  const stdout = streamOf('info', STDOUT_TAIL_BYTES, takes);
  const stderr = streamOf('warn', STDERR_TAIL_BYTES);
  return {
    stdout,
    stderr,
    result() {
      const [out, err] = [stdout.tail(), stderr.tail()];
      return { stdout: out.text, stderr: err.text, truncated: out.isCut || err.isCut };
    },
  };
}
