import { beginningOf } from './text.js';

/** Makes lines of the chunks of a stream. */
export interface LineReader {
  push(chunk: Buffer): void;
  /** Gives a last line that has no end. The reader may be used again, for another stream. */
  end(): void;
}

/**
 * Gives each line, without its LF; one of more than `maxLength` characters in parts, all but the last of which `continue`.
 * A character that two chunks share is whole, none is parted, and bytes that are no UTF-8 become U+FFFD. Never more than a
 * chunk and one part is held.
 */
export function createLineReader(maxLength: number, onLine: (line: string, continues: boolean) => void): LineReader {
  const decoder = new TextDecoder();
  let rest = '';

  /** Gives what is too long for one line, and returns what is left. */
  const giveParts = (text: string): string => {
    let left = text;
    while (left.length > maxLength) {
      const part = beginningOf(left, maxLength);
      onLine(part, true);
      left = left.slice(part.length);
    }
    return left;
  };
  const read = (text: string): void => {
    const [end = '', ...lines] = text.split('\n');
    rest = giveParts(rest + end);
    for (const line of lines) {
      onLine(rest, false);
      rest = giveParts(line);
    }
  };

  return {
    push: (chunk) => read(decoder.decode(chunk, { stream: true })),
    end() {
      read(decoder.decode());
      if (rest !== '') onLine(rest, false);
      rest = '';
    },
  };
}
