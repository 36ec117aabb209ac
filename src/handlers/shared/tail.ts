import { textAfterCut } from './text.js';

/** So many chunks are held before they are made one: a program may write byte by byte. */
const MAX_CHUNKS = 64;

/** Keeps the end of a stream, however long that is. */
export interface Tail {
  push(chunk: Buffer): void;
  read(): TailText;
}

/** The end of a stream as text of at most `maxBytes` of UTF-8, and whether the stream had more. */
export interface TailText {
  readonly text: string;
  readonly isCut: boolean;
}

/** @param clean makes the text that is kept of what was written */
export function createTail(maxBytes: number, clean: (text: string) => string): Tail {
  let chunks: Buffer[] = [];
  let heldBytes = 0;
  let isCut = false;

  const kept = (): Buffer => {
    const bytes = Buffer.concat(chunks).subarray(-maxBytes);
    isCut ||= bytes.length < heldBytes;
    chunks = [bytes];
    heldBytes = bytes.length;
    return bytes;
  };
  return {
    push(chunk) {
      chunks.push(chunk);
      heldBytes += chunk.length;
      if (heldBytes > 2 * maxBytes || chunks.length > MAX_CHUNKS) kept();
    },
    read() {
      const bytes = kept();
      const text = clean(isCut ? textAfterCut(bytes) : bytes.toString());
      // A byte that is no UTF-8 is three as U+FFFD.
      const cleaned = Buffer.from(text);
      if (cleaned.length <= maxBytes) return { text, isCut };
      return { text: textAfterCut(cleaned.subarray(-maxBytes)), isCut: true };
    },
  };
}
