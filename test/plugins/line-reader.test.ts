import { expect, test } from '@jest/globals';
import { createLineReader } from '../../src/plugins/line-reader.js';

/** What a reader of lines of at most 4 characters makes of chunks; pieces of a longer line are marked by a +. */
function linesOf(...chunks: (string | Buffer)[]): string[] {
  const lines: string[] = [];
  const reader = createLineReader(4, (line, isWhole) => lines.push(isWhole ? line : `${line}+`));
  for (const chunk of chunks) reader.push(Buffer.from(chunk));
  lines.push('|');
  reader.end();
  return lines;
}

test.each([
  ['lines in one chunk', ['a\nbb\n\n'], ['a', 'bb', '', '|']],
  ['a line in several chunks', ['a', 'b', 'c\nd'], ['abc', '|', 'd']],
  ['a character that is cut in two', [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1), '\n'], ['é', '|']],
  ['a line that is as long as it may be', ['abcd\n'], ['abcd', '|']],
  ['a longer line', ['abcdefghi\nj\n'], ['abcd+', 'efgh+', 'i+', 'j', '|']],
  ['a line without an end', ['abcdefghi'], ['abcd+', 'efgh+', '|', 'i']],
])('%s', (_case, chunks, expected) => {
  expect(linesOf(...chunks)).toEqual(expected);
});
