import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createLineReader } from '../../src/handlers/shared/line-reader.js';
import { cut, somePlaces } from './pieces.js';

/** The lines that a reader makes of chunks; a part that continues is marked by a +, and the end of the stream by a |. */
function linesOf(maxLength: number, ...chunks: (string | Buffer)[]): string[] {
  const lines: string[] = [];
  const reader = createLineReader(maxLength, (line, continues) => lines.push(continues ? `${line}+` : line));
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
  ['a longer line', ['abcdefghi\nj\n'], ['abcd+', 'efgh+', 'i', 'j', '|']],
  ['a longer line in several chunks', ['abc', 'de', 'fghi\nj\n'], ['abcd+', 'efgh+', 'i', 'j', '|']],
  ['a line without an end', ['abcdefghi'], ['abcd+', 'efgh+', '|', 'i']],
  ['a pair of surrogates at the cut', ['abc😀d\n'], ['abc+', '😀d', '|']],
  ['a carriage return, which is left', ['a\r\nb\r'], ['a\r', '|', 'b\r']],
  ['bytes that are no UTF-8', [Buffer.from([0x61, 0xff, 0x0a, 0xe6])], ['a\ufffd', '|', '\ufffd']],
])('%s', (_case, chunks, expected) => {
  expect(linesOf(4, ...chunks)).toEqual(expected);
});

test('lines are whole, with every character, wherever their bytes are cut', () => {
  const line = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replaceAll('\n', ''));
  fc.assert(
    fc.property(fc.array(line, { minLength: 1 }), somePlaces, (written, places) => {
      const bytes = Buffer.from(`.${written.join('\n')}.`);
      expect(linesOf(1_000, ...cut(bytes, places)).filter((text) => text !== '|')).toEqual(
        `.${written.join('\n')}.`.split('\n'),
      );
    }),
  );
});

test('lines that are too long come in parts, of which nothing is lost and no character is parted', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 }), somePlaces, (text, places) => {
      const written = `.${text.replaceAll('\n', '')}`;
      const parts: string[] = [];
      const reader = createLineReader(8, (part) => parts.push(part));
      for (const piece of cut(Buffer.from(written), places)) reader.push(piece);
      reader.end();
      expect(parts.join('')).toBe(written);
      for (const part of parts) {
        expect(part.length).toBeLessThanOrEqual(8);
        expect(part.isWellFormed()).toBe(true);
      }
    }),
  );
});

test('a reader can be used for another stream when one has ended', () => {
  const lines: string[] = [];
  const reader = createLineReader(100, (line) => lines.push(line));
  for (const text of ['one', 'two']) {
    reader.push(Buffer.from(text));
    reader.end();
  }
  expect(lines).toEqual(['one', 'two']);
});
