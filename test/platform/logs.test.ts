import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { lastWordsOf } from '../../src/platform/embedded/logs.js';
import { temporaryDir } from '../support/temporary-dir.js';

const logOf = (text: string): string => {
  const file = path.join(temporaryDir('logs'), 'a.log');
  writeFileSync(file, text);
  return file;
};

test('the sentences after the last JSON line tell why a process ended', () => {
  expect(lastWordsOf(logOf('{"a":1}\nearlier\n{"b":2}\nThe port is taken.\n'))).toBe('  The port is taken.');
});

test('without any, its last 15 lines do', () => {
  const lines = Array.from({ length: 20 }, (_, n) => `{"n":${n}}`);
  expect(lastWordsOf(logOf(lines.join('\n'))).split('\n')).toEqual(lines.slice(5).map((line) => `  ${line}`));
});

test('what an earlier process wrote does not', () => {
  const earlier = 'Not this: é.\n';
  const file = logOf(`${earlier}This.\n`);
  expect(lastWordsOf(file, Buffer.byteLength(earlier))).toBe('  This.');
  expect(lastWordsOf(logOf(earlier), Buffer.byteLength(earlier))).toBe('');
});

test('a log that is not there holds nothing', () => {
  expect(lastWordsOf('/nowhere/a.log')).toBe('');
});
