import type { Socket } from 'node:net';
import type { LogLevel, RunContext } from '../handler.js';
import { createLines } from './lines.js';
import { progressOf } from './progress.js';
import { createTail, type Tail } from './tail.js';
import { printable } from './text.js';

/** What of a command's output its result holds, in bytes of UTF-8: the end. */
export const STDOUT_TAIL_BYTES = 16 * 1_024;
export const STDERR_TAIL_BYTES = 4 * 1_024;

/** What a line costs besides its text: a million empty lines are a large log, too. */
const LINE_OVERHEAD_BYTES = 64;

/** Where a command's output goes. Memory is bounded: what is over the limit is read, so that the command never waits. */
export interface Output {
  readonly stdout: Tail;
  readonly stderr: Tail;
  /** Reads a stream to its end. */
  read(name: 'stdout' | 'stderr', stream: Socket): void;
}

/** @param maxBytes how much is logged, of both streams together, each line counting {@link LINE_OVERHEAD_BYTES} more */
export function createOutput(context: RunContext, maxBytes: number): Output {
  const tails = { stdout: createTail(STDOUT_TAIL_BYTES), stderr: createTail(STDERR_TAIL_BYTES) };
  let loggedBytes = 0;
  let isFull = false;

  const logLine = (level: LogLevel, line: string): void => {
    if (isFull) return;
    loggedBytes += Buffer.byteLength(line) + LINE_OVERHEAD_BYTES;
    isFull = loggedBytes > maxBytes;
    if (isFull) context.log('warn', `The output is over the limit of ${maxBytes} bytes: the rest of it is not logged.`);
    else context.log(level, line);
  };
  const takers = {
    stdout(raw: string) {
      const line = printable(raw);
      const progress = progressOf(line);
      if (progress) context.progress(progress.fraction, progress.message);
      else logLine('info', line);
    },
    stderr: (raw: string) => logLine('warn', printable(raw)),
  };

  return {
    ...tails,
    read(name, stream) {
      const lines = createLines(takers[name]);
      stream.on('data', (chunk: Buffer) => {
        tails[name].push(chunk);
        if (!isFull) lines.push(chunk);
      });
      stream.on('close', () => !isFull && lines.end());
      // A stream that breaks is closed, and all of it that came is there.
      stream.on('error', () => undefined);
    },
  };
}
