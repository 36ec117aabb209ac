import type { Readable } from 'node:stream';
import type { LogLevel, RunContext } from '../handler.js';
import { cleanText } from './clean-text.js';
import { createDemultiplexer } from './frames.js';
import { createLineSplitter } from './lines.js';
import { createTail } from './tail.js';

/** What the result keeps: at worst each byte becomes three, and all of it still fits a result's 64 KiB. */
const MAX_STDOUT_BYTES = 16 * 1024;
const MAX_STDERR_BYTES = 4 * 1024;
/** A longer line is split. */
export const MAX_LINE_BYTES = 8 * 1024;
/** What is logged of both streams in all. A run's log takes 1 MiB: this leaves room for what else there is to say. */
export const MAX_LOGGED_BYTES = 960 * 1024;
/** What a line counts besides its text, so that empty lines come to an end, too. */
export const LINE_OVERHEAD_BYTES = 64;

export interface Output {
  /** Reads a multiplexed stream to its end. Resolves, too, when it breaks or is no such stream. */
  read(stream: Readable): Promise<void>;
  /** The end of what was written, and whether that is not all. */
  result(): { stdout: string; stderr: string; truncated: boolean };
}

/** Logs the output of a container line by line, up to a limit, and keeps its end. All of it is read, whatever there is. */
export function createOutput(log: RunContext['log']): Output {
  let loggedBytes = 0;
  const isFull = (): boolean => loggedBytes > MAX_LOGGED_BYTES;
  const logLine = (level: LogLevel) => (line: string, bytes: number) => {
    if (isFull()) return;
    loggedBytes += bytes + LINE_OVERHEAD_BYTES;
    if (isFull()) log('warn', `The output is cut here: no more than ${MAX_LOGGED_BYTES / 1024} KiB are logged.`);
    else log(level, cleanText(line));
  };
  const streams = {
    stdout: { lines: createLineSplitter(MAX_LINE_BYTES, logLine('info')), tail: createTail(MAX_STDOUT_BYTES) },
    stderr: { lines: createLineSplitter(MAX_LINE_BYTES, logLine('warn')), tail: createTail(MAX_STDERR_BYTES) },
  };
  const { stdout, stderr } = streams;
  return {
    async read(stream) {
      const demultiplex = createDemultiplexer((name, bytes) => {
        streams[name].tail.push(bytes);
        if (!isFull()) streams[name].lines.push(bytes);
      });
      try {
        for await (const chunk of stream as AsyncIterable<Buffer>) demultiplex(chunk);
      } catch {
        // What broke it shows where the container is waited for.
      } finally {
        stdout.lines.end();
        stderr.lines.end();
      }
    },
    result: () => ({
      stdout: cleanText(stdout.tail.text()),
      stderr: cleanText(stderr.tail.text()),
      truncated: stdout.tail.isCut || stderr.tail.isCut,
    }),
  };
}
