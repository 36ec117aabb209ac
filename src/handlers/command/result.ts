import type { ProgramOutput, ProgramResult } from '../shared/program-output.js';
import { jsonBytes, KIB } from '../shared/size.js';
import { progressOf } from './progress.js';

/** A longer object on the last line of stdout is not taken as `output`, in bytes of JSON. */
export const MAX_OUTPUT_OBJECT_BYTES = 16 * KIB;

/** The result of a `command` run. */
export interface CommandResult extends ProgramResult {
  /** The last line of stdout, if that is a JSON object: what following jobs work with. */
  output?: Record<string, unknown>;
}

export function resultOf(exitCode: number, durationMs: number, output: ProgramOutput): CommandResult {
  const { text, isCut } = output.stdout.tail();
  const object = lastObject(text, isCut);
  return { exitCode, durationMs, ...output.result(), ...(object && { output: object }) };
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
    return jsonBytes(object) <= MAX_OUTPUT_OBJECT_BYTES ? object : undefined;
  } catch {
    return undefined;
  }
}
