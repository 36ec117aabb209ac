import type { Output } from './output.js';
import { progressOf } from './progress.js';

/** A longer object on the last line of stdout is not taken as `output`, in bytes of JSON. */
export const MAX_OUTPUT_OBJECT_BYTES = 16 * 1_024;

/** The result of a `command` run. Its JSON is at most 64 KiB: JSON writes no character of the texts with more than two. */
export interface CommandResult {
  exitCode: number;
  durationMs: number;
  /** The last 16 KiB. */
  stdout: string;
  /** The last 4 KiB. */
  stderr: string;
  /** Whether `stdout` or `stderr` is only the end of what was written. */
  truncated: boolean;
  /** The last line of stdout, if that is a JSON object: what following jobs work with. */
  output?: Record<string, unknown>;
}

export function resultOf(exitCode: number, durationMs: number, output: Output): CommandResult {
  const stdout = output.stdout.read();
  const stderr = output.stderr.read();
  const object = lastObject(stdout.text, stdout.isCut);
  return {
    exitCode,
    durationMs,
    stdout: stdout.text,
    stderr: stderr.text,
    truncated: stdout.isCut || stderr.isCut,
    ...(object && { output: object }),
  };
}

function lastObject(text: string, isCut: boolean): Record<string, unknown> | undefined {
  const lines = text.split('\n');
  // Of the first line only the end may be left, and an end can look like an object.
  if (isCut) lines.shift();
  const last = lines.findLast((line) => line.trim() !== '' && !progressOf(line));
  if (!last?.trimStart().startsWith('{')) return undefined;
  try {
    const object = JSON.parse(last) as Record<string, unknown>;
    // Written anew, 1e20 is 21 characters long.
    return Buffer.byteLength(JSON.stringify(object)) <= MAX_OUTPUT_OBJECT_BYTES ? object : undefined;
  } catch {
    return undefined;
  }
}
