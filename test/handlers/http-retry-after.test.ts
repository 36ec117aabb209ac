import { expect, test } from '@jest/globals';
import { retryAfterMs } from '../../src/handlers/http/retry-after.js';

/** The example of RFC 9110 section 5.6.7, a minute before. */
const now = Date.parse('1994-11-06T08:48:37Z');
const HOUR = 3_600_000;

test.each([
  ['0', 0],
  ['120', 120_000],
  [' 1 ', 1_000],
  ['3601', HOUR],
  ['9'.repeat(400), HOUR],
  ['Sun, 06 Nov 1994 08:49:37 GMT', 60_000],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 60_000],
  ['Sun Nov  6 08:49:37 1994', 60_000],
  ['Sun, 06 Nov 1994 08:00:00 GMT', 0],
  ['Mon, 07 Nov 1994 08:49:37 GMT', HOUR],
])('Retry-After: %.40s means a wait of %i ms', (value, ms) => {
  expect(retryAfterMs(value, now)).toBe(ms);
});

test.each([
  '',
  '-1',
  '1.5',
  '1e3',
  'soon',
  '1994-11-06T08:49:37Z',
  'Sun, 06 Nov 1994 08:49:37',
  'Sun, 99 Nov 1994 08:49:37 GMT',
])('Retry-After: %j is not understood, so it says nothing', (value) => {
  expect(retryAfterMs(value, now)).toBeUndefined();
});
