/** The first `maxLength` characters (UTF-16) of a text at most, and never half a surrogate pair. */
export function beginningOf(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const isPairCut =
    /[\ud800-\udbff]/.test(text.charAt(maxLength - 1)) && /[\udc00-\udfff]/.test(text.charAt(maxLength));
  return text.slice(0, isPairCut ? maxLength - 1 : maxLength);
}

/** A text of at most `maxLength` characters: a longer one is cut and gets the mark, which counts. */
export function shortened(text: string, maxLength: number, mark = '…'): string {
  return text.length <= maxLength ? text : beginningOf(text, maxLength - mark.length) + mark;
}

/** Text of UTF-8 whose beginning was cut off: without the rest of a character that the cut went through. */
export function textAfterCut(bytes: Buffer): string {
  const first = bytes.subarray(0, 3).findIndex((byte) => !isContinuation(byte));
  return bytes.toString('utf8', first === -1 ? Math.min(3, bytes.length) : first);
}

const isContinuation = (byte: number): boolean => (byte & 0b1100_0000) === 0b1000_0000;
