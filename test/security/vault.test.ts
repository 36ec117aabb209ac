import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fixedKeys, keysOfFile, parseInstanceKeys } from '../../src/security/encryption/instance-keys.js';
import { createVault, headerOf, keyIdOf, SealError, type Place } from '../../src/security/encryption/vault.js';
import { eventually } from '../support/eventually.js';

const written = (id: string, byte: number) => `${id}:${Buffer.alloc(32, byte).toString('base64')}`;
const keysOf = (text: string) => fixedKeys(parseInstanceKeys(text, 'KEYS'));
const vault = createVault(keysOf(written('k1', 1)));
const place: Place = { projectId: 'p1', kind: 'payload', id: 'j1' };
const folder = mkdtempSync(path.join(tmpdir(), 'carillon-vault-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('what is sealed opens in its place, and shows nothing before', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const sealed = vault.sealJson(place, value);
      expect(vault.openJson(place, sealed)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
  expect(vault.seal(place, Buffer.from('canary')).includes('canary')).toBe(false);
});

test('the same value is sealed differently each time', () => {
  expect(vault.seal(place, Buffer.from('x'))).not.toEqual(vault.seal(place, Buffer.from('x')));
});

test.each([
  { ...place, projectId: 'p2' },
  { ...place, kind: 'result' },
  { ...place, id: 'j2' },
] as Place[])('it does not open as %j', (other) => {
  const sealed = vault.seal(place, Buffer.from('x'));
  expect(() => vault.open(other, sealed)).toThrow(SealError);
});

test('each changed bit, and each cut, is noticed', () => {
  const sealed = vault.seal(place, Buffer.from('abc'));
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Buffer.from(sealed);
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
    expect(() => vault.open(place, changed)).toThrow(SealError);
    expect(() => vault.open(place, sealed.subarray(0, at))).toThrow(SealError);
  }
  expect(() => vault.open(place, Buffer.from('{"plain":"text"}'))).toThrow(SealError);
});

describe('after a rotation', () => {
  const old = createVault(keysOf(written('old', 1))).seal(place, Buffer.from('x'));
  const both = createVault(keysOf(`${written('new', 2)}, ${written('old', 1)}`));

  test('what the old key sealed still opens, and the new one seals', () => {
    expect(both.open(place, old).toString()).toBe('x');
    expect([keyIdOf(old), keyIdOf(both.seal(place, Buffer.from('x'))), both.keyId]).toEqual(['old', 'new', 'new']);
    expect(old.subarray(0, 5)).toEqual(headerOf('old'));
  });

  test('without the old key it does not open, and the error names the key', () => {
    const late = createVault(keysOf(written('new', 2)));
    expect(() => late.open(place, old)).toThrow('sealed with the key old, which is not there');
  });

  test('another key of the same id does not open it', () => {
    expect(() => createVault(keysOf(written('old', 9))).open(place, old)).toThrow(SealError);
  });
});

test('a key that was put into the file since is found', async () => {
  const file = path.join(folder, 'keys');
  writeFileSync(file, written('a', 1));
  const reader = createVault(keysOfFile(file, 'KEYS'));
  writeFileSync(file, `${written('b', 2)}\n${written('a', 1)}\n`);
  const sealed = createVault(keysOfFile(file, 'KEYS')).seal(place, Buffer.from('x'));
  await eventually(() => expect(reader.open(place, sealed).toString()).toBe('x'), 5_000);
});

test.each([
  ['', 'KEYS holds no key'],
  ['k1:abc', 'KEYS holds something that is no key'],
  [`K 1:${Buffer.alloc(32).toString('base64')}`, 'KEYS holds something that is no key'],
  [`${written('a', 1)},${written('a', 2)}`, 'KEYS holds two keys of one id'],
])('keys written as %j are refused without being repeated', (text, message) => {
  expect(() => parseInstanceKeys(text, 'KEYS')).toThrow(message);
});
