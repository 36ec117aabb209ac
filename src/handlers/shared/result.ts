import { MAX_RESULT_BYTES } from '../handler.js';
import { beginningOf } from './text.js';

/** How deep the lists and objects of a result may be nested: far below where reading or writing it could fail. */
export const MAX_RESULT_DEPTH = 1_000;

const NOT_JSON = { truncated: true, reason: 'The handler answered with something that is not JSON.' };
const TOO_DEEP = { truncated: true, reason: `The result was nested deeper than ${MAX_RESULT_DEPTH} levels.` };

/** What of a handler's answer is kept: plain JSON of at most 64 KiB, else its beginning and a flag. */
export function resultThatFits(answer: unknown): unknown {
  let text: string | undefined;
  try {
    text = JSON.stringify(answer);
  } catch (error) {
    return error instanceof RangeError && isTooDeep(answer) ? TOO_DEEP : NOT_JSON;
  }
  if (text === undefined) return undefined;
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_RESULT_BYTES) {
    const result: unknown = JSON.parse(text);
    return isTooDeep(result) ? TOO_DEEP : result;
  }
  const beginning = beginningOf(text, MAX_RESULT_BYTES / 4);
  return { truncated: true, reason: `The result had ${bytes} bytes.`, beginning };
}

/** Level by level, as a walk into the depth could itself exhaust the stack. */
function isTooDeep(value: unknown): boolean {
  let level = new Set([value].filter(isNested));
  for (let depth = 1; level.size > 0; depth += 1) {
    if (depth > MAX_RESULT_DEPTH) return true;
    level = new Set([...level].flatMap((each) => Object.values(each).filter(isNested)));
  }
  return false;
}

const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null;
