/** The longest line given, in characters, its mark included: what a run's log takes without a cut. */
export const MAX_LINE_LENGTH = 8 * 1_024;
/** Ends each part but the last of a line that is too long for one. */
const CONTINUED_MARK = '…';
const MAX_PART_LENGTH = MAX_LINE_LENGTH - CONTINUED_MARK.length;

/** Makes lines of a stream's chunks. */
export interface Lines {
  push(chunk: Buffer): void;
  /** Gives the last line, if the stream ended without a line break. */
  end(): void;
}

/**
 * Gives each line, without its LF, to `take`; a longer one in parts. A character that two chunks share is whole, bytes
 * that are no UTF-8 become U+FFFD, and never more than a chunk and one part is held.
 */
export function createLines(take: (line: string) => void): Lines {
  const decoder = new TextDecoder();
  let rest = '';

  /** Gives what is too long for one line, and returns what is left. */
  const giveParts = (text: string): string => {
    let left = text;
    while (left.length > MAX_PART_LENGTH) {
      const length = partLength(left);
      take(left.slice(0, length) + CONTINUED_MARK);
      left = left.slice(length);
    }
    return left;
  };
  const push = (text: string): void => {
    const lines = (rest + text).split('\n');
    const last = lines.pop() ?? '';
    for (const line of lines) take(giveParts(line));
    rest = giveParts(last);
  };

  return {
    push: (chunk) => push(decoder.decode(chunk, { stream: true })),
    end() {
      push(decoder.decode());
      if (rest !== '') take(rest);
    },
  };
}

/** Never half a surrogate pair. */
function partLength(text: string): number {
  const isPairCut = /[\ud800-\udbff]/.test(text.charAt(MAX_PART_LENGTH - 1));
  return isPairCut ? MAX_PART_LENGTH - 1 : MAX_PART_LENGTH;
}
