import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const guide = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');
const threats = guide.split('\n').filter((line) => /^\| .*test\.ts/.test(line));

test.each(threats)('the tests that cover a threat are there: %s', (line) => {
  const named = [...line.matchAll(/`([\w/-]+\.test\.ts)`/g)].map(([, file]) => file ?? '');
  expect(named.filter((file) => !existsSync(new URL(`../${file}`, import.meta.url)))).toEqual([]);
});

test('each threat names a test', () => {
  const rows = guide
    .slice(guide.indexOf('## Threats'))
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (threat|-+) /.test(line));
  expect(rows.filter((row) => !threats.includes(row))).toEqual([]);
});
