import { MAX_RESULT_BYTES } from '../handler.js';
import { beginningOf } from './text.js';

/** What of a handler's answer is kept: plain JSON of at most 64 KiB, else its beginning and a flag. */
export function resultThatFits(answer: unknown): unknown {
  let text: string | undefined;
  try {
    text = JSON.stringify(answer);
  } catch {
    return { truncated: true, reason: 'The handler answered with something that is not JSON.' };
  }
  if (text === undefined) return undefined;
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_RESULT_BYTES) return JSON.parse(text);
  const beginning = beginningOf(text, MAX_RESULT_BYTES / 4);
  return { truncated: true, reason: `The result had ${bytes} bytes.`, beginning };
}
