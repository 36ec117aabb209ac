import { mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';

const ROTATE_ABOVE_BYTES = 20 * 1024 * 1024;
const MOST_LINES = 15;

/** The log file of a process, in a folder that is there. One grown too large was put aside as `<name>.log.1`. */
export function logFile(dir: string, name: string): string {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = path.join(dir, `${name}.log`);
  const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes > ROTATE_ABOVE_BYTES) renameSync(file, `${file}.1`);
  return file;
}

/**
 * What tells best why a process ended, indented: the sentences after the last JSON line that it logged, else its last
 * lines. Only what was written after `fromByte` counts: before is an earlier process. Empty when there is nothing.
 */
export function lastWordsOf(file: string, fromByte = 0): string {
  const lines = linesOf(file, fromByte);
  const sentences = lines.slice(lines.findLastIndex((line) => line.startsWith('{')) + 1);
  return (sentences.length > 0 ? sentences : lines)
    .slice(-MOST_LINES)
    .map((line) => `  ${line}`)
    .join('\n');
}

function linesOf(file: string, fromByte: number): string[] {
  try {
    const text = readFileSync(file).subarray(fromByte).toString('utf8').trimEnd();
    return text === '' ? [] : text.split('\n');
  } catch {
    return [];
  }
}
