import { isContinuation } from './lines.js';

export interface Tail {
  push(bytes: Buffer): void;
  /** The last bytes as text, from the beginning of a character on. */
  text(): string;
  /** Whether there were more. */
  readonly isCut: boolean;
}

/** Keeps the last `maxBytes` of a stream, and needs no more memory than that. */
export function createTail(maxBytes: number): Tail {
  const kept = Buffer.alloc(maxBytes);
  let length = 0;
  let isCut = false;
  return {
    push(bytes) {
      const last = bytes.subarray(-maxBytes);
      const surplus = length + last.length - maxBytes;
      if (surplus > 0 || last.length < bytes.length) isCut = true;
      if (surplus > 0) {
        kept.copyWithin(0, surplus, length);
        length -= surplus;
      }
      last.copy(kept, length);
      length += last.length;
    },
    text() {
      let start = 0;
      while (isCut && start < 3 && isContinuation(kept[start])) start += 1;
      return kept.toString('utf8', start, length);
    },
    get isCut() {
      return isCut;
    },
  };
}
