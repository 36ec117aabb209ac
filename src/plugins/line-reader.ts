import { StringDecoder } from 'node:string_decoder';

export interface LineReader {
  push(chunk: Buffer): void;
  /** Gives a last line that has no end. */
  end(): void;
}

/**
 * Makes lines of chunks, and never holds more than one line of `maxLength` characters and one chunk: a longer line
 * comes in pieces, each with `isWhole` false.
 */
export function createLineReader(maxLength: number, onLine: (line: string, isWhole: boolean) => void): LineReader {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return {
    push(chunk) {
      const lines = (rest + decoder.write(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) inPieces(line);
      while (rest.length > maxLength) {
        onLine(rest.slice(0, maxLength), false);
        rest = rest.slice(maxLength);
      }
    },
    end() {
      rest += decoder.end();
      if (rest !== '') inPieces(rest);
      rest = '';
    },
  };

  function inPieces(line: string): void {
    if (line.length <= maxLength) onLine(line, true);
    else for (let at = 0; at < line.length; at += maxLength) onLine(line.slice(at, at + maxLength), false);
  }
}
