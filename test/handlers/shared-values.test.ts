import { describe, expect, test } from '@jest/globals';
import { durationMs } from '../../src/handlers/shared/duration.js';
import { sizeBytes } from '../../src/handlers/shared/size.js';
import { beginningOf, shortened, textAfterCut } from '../../src/handlers/shared/text.js';

const HOUR = 3_600_000;

test.each([
  ['PT30S', 30_000],
  ['PT1M30S', 90_000],
  ['PT1H', HOUR],
  ['PT168H', 168 * HOUR],
  ['PT0604800S', 168 * HOUR],
  ['PT0.5S', 500],
  ['PT0.5M', 30_000],
  ['PT0.25H', 900_000],
  ['PT1H1M1.001S', HOUR + 61_001],
])('the duration %s is %i ms', (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});

test.each(['', 'PT', '30', 'PT-1S', 'P1D', 'PT0.5M1S', 'PT1S1M', 'PT0.0001S', 'pt1s', 'PT1S '])(
  '%j is no duration in hours, minutes and seconds',
  (text) => {
    expect(durationMs(text)).toBeUndefined();
  },
);

test.each([
  [512, 512],
  ['512B', 512],
  ['10KiB', 10_240],
  ['512MiB', 536_870_912],
  ['1GiB', 1_073_741_824],
])('the size %j is %i bytes', (size, bytes) => {
  expect(sizeBytes(size)).toBe(bytes);
});

test.each(['', '512', '1.5GiB', '1 GiB', '1GB', '-1B', '1TiB', 1.5, -1, NaN, 2 ** 53])('%j is no size', (size) => {
  expect(sizeBytes(size)).toBeUndefined();
});

describe('a text', () => {
  test('is cut between characters', () => {
    expect(beginningOf('abc', 3)).toBe('abc');
    expect(beginningOf('abcd', 3)).toBe('abc');
    expect(beginningOf('ab😀', 3)).toBe('ab');
    expect(beginningOf('a😀b', 3)).toBe('a😀');
  });

  test('that is shortened is no longer than it may be, its mark included', () => {
    expect(shortened('abcd', 4)).toBe('abcd');
    expect(shortened('abcde', 4)).toBe('abc…');
    expect(shortened('ab😀de', 4)).toBe('ab…');
    expect(shortened('abcdefghi', 8, ' (cut)')).toBe('ab (cut)');
  });

  test('whose first bytes are missing begins with a whole character', () => {
    expect(textAfterCut(Buffer.from('日本').subarray(1))).toBe('本');
    expect(textAfterCut(Buffer.from('😀a').subarray(1))).toBe('a');
    expect(textAfterCut(Buffer.from('abc'))).toBe('abc');
  });
});
