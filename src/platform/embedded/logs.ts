import { mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';

const ROTATE_ABOVE_BYTES = 20 * 1024 * 1024;

/** The log file of a process, in a folder that is there. One grown too large was put aside as `<name>.log.1`. */
export function logFile(dir: string, name: string): string {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = path.join(dir, `${name}.log`);
  const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes > ROTATE_ABOVE_BYTES) renameSync(file, `${file}.1`);
  return file;
}

/** The last lines of a log, indented, to show why a process ended. Empty when there are none. */
export function tailOf(file: string, lines = 15): string {
  try {
    return readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .slice(-lines)
      .map((line) => `  ${line}`)
      .join('\n');
  } catch {
    return '';
  }
}
