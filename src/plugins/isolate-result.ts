import { MAX_RESULT_BYTES } from '../handlers/handler.js';

/** A result that is sent whole, else its beginning and a flag: cut here, so that no worker has to hold the rest. */
export function resultThatFits(value: unknown): unknown {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    return { truncated: true, reason: 'The handler answered with something that is not JSON.' };
  }
  if (text === undefined) return undefined;
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_RESULT_BYTES) return value;
  return { truncated: true, reason: `The result had ${bytes} bytes.`, beginning: text.slice(0, MAX_RESULT_BYTES / 4) };
}
