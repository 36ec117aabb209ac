import type { Readable } from 'node:stream';
import { createLineReader } from '../handlers/shared/line-reader.js';
import { lengthOf } from '../handlers/shared/log-line.js';
import { MAX_LOG_LINE_LENGTH } from '../handlers/shared/run-limits.js';
import type { Child } from './child.js';
import { FLOOD_PAUSE_MS, MAX_SENT_LOG_LENGTH } from './limits.js';

/** What V8 writes before it aborts the process. */
const HEAP_LIMIT = /JavaScript heap out of memory|Reached heap limit/;

export interface Output {
  /** Gives last lines that have no end. */
  end(): void;
  toldOfHeapLimit(): boolean;
}

/** Makes lines of what a child writes to its standard output and error, up to what a run's log keeps in all. */
export function gatherOutput(child: Child, onLine: (stream: 'stdout' | 'stderr', line: string) => void): Output {
  let length = 0;
  let heapLimit = false;
  const readerOf = (name: 'stdout' | 'stderr') =>
    createLineReader(MAX_LOG_LINE_LENGTH, (line) => {
      heapLimit ||= name === 'stderr' && HEAP_LIMIT.test(line);
      if (line.trim() === '' || length > MAX_SENT_LOG_LENGTH) return;
      length += lengthOf({ message: line });
      onLine(name, line);
    });
  const readers = [readerOf('stdout'), readerOf('stderr')] as const;
  const isFull = (): boolean => length > MAX_SENT_LOG_LENGTH;
  feed(child.stdout, readers[0].push, isFull);
  feed(child.stderr, readers[1].push, isFull);
  return { end: () => readers.forEach((reader) => reader.end()), toldOfHeapLimit: () => heapLimit };
}

/** A flood is read slowly: it then waits in the pipe, and costs the worker next to nothing. */
function feed(stream: Readable, push: (chunk: Buffer) => void, isFull: () => boolean): void {
  stream.on('data', (chunk: Buffer) => {
    push(chunk);
    if (!isFull()) return;
    stream.pause();
    setTimeout(() => stream.resume(), FLOOD_PAUSE_MS);
  });
}
