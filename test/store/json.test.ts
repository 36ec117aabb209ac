import { expect, test } from '@jest/globals';
import { toJson } from '../../src/store/json.js';

test('plain JSON stays as it is', () => {
  const value = { a: [1, 'x\\u0000 written out', null], b: '\u00e9 \ud83d\ude00' };
  expect(JSON.parse(toJson(value) ?? '')).toEqual(value);
});

test('what Postgres refuses becomes U+FFFD, in keys as well', () => {
  const value = { ['k\0']: 'a\0b', lone: 'x\ud800', reversed: '\udc00y' };
  expect(JSON.parse(toJson(value) ?? '')).toEqual({ 'k\ufffd': 'a\ufffdb', lone: 'x\ufffd', reversed: '\ufffdy' });
});

test('undefined is SQL’s null', () => {
  expect(toJson(undefined)).toBeNull();
  expect(toJson(null)).toBe('null');
});
