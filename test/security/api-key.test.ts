import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { hashSecret, isSecretOf, makeApiKey, parseApiKey, writeApiKey } from '../../src/security/api-key.js';

test('a key is written and read again the same', () => {
  const key = makeApiKey();
  expect(parseApiKey(writeApiKey(key))).toEqual(key);
});

test('no two keys are alike', () => {
  const keys = Array.from({ length: 500 }, makeApiKey);
  expect(new Set(keys.map((key) => key.id)).size).toBe(500);
  expect(new Set(keys.map((key) => key.secret)).size).toBe(500);
});

test('a secret holds 256 bits', () => {
  expect(Buffer.from(makeApiKey().secret, 'base64url')).toHaveLength(32);
});

test.each([
  '',
  'carillon_',
  'carillon_abcdefghijklmnop',
  'carillon_abcdefghijklmnop.',
  `carillon_ABCDEFGHIJKLMNOP.${'a'.repeat(43)}`,
  `carillon_abcdefghijklmno1.${'a'.repeat(43)}`,
  `carillon_abcdefghijklmnop.${'a'.repeat(44)}`,
  `carillon_abcdefghijklmnop.${'a'.repeat(42)}\n`,
  ` carillon_abcdefghijklmnop.${'a'.repeat(43)}`,
  `other_abcdefghijklmnop.${'a'.repeat(43)}`,
])('%j is no key', (text) => {
  expect(parseApiKey(text)).toBeUndefined();
});

test('only the secret that was hashed is the right one', () => {
  const { secret } = makeApiKey();
  expect(isSecretOf(hashSecret(secret), secret)).toBe(true);
  expect(isSecretOf(hashSecret(secret), makeApiKey().secret)).toBe(false);
  expect(isSecretOf(Buffer.alloc(0), secret)).toBe(false);
});

test('the script for new keys prints one', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['scripts/new-key.mjs']);
  expect(parseApiKey(stdout.trim())).toBeDefined();
});
