import { expect, test } from '@jest/globals';
import { MAX_ENTRIES, MAX_LINE_LENGTH, MAX_PROBLEMS, MAX_VARIABLES } from '../../src/crontab/index.js';
import { lastEntry, problem, user } from './support/crontabs.js';

test('a line of 1,000 characters is taken, a longer one is not', () => {
  const line = `0 1 * * * ${'a'.repeat(MAX_LINE_LENGTH - 10)}`;
  expect(lastEntry(line).command).toHaveLength(990);
  expect(problem(`${line}a`)).toMatch(/1001 characters/);
  expect(user(`${line}a`).problems[0]?.text).toHaveLength(10 - 1); // cut before the long word
});

test('a comment may be of any length', () => {
  expect(user(`# ${'a'.repeat(5_000)}\0`)).toEqual({ entries: [], problems: [] });
});

test('a NUL is refused, and is not in what is shown', () => {
  expect(problem('0 1 * * * a\0b')).toMatch(/NUL/);
  expect(user('0 1 * * * a\0b').problems[0]?.text).toBe('0 1 * * * a b');
});

test('reading ends behind the last entry that is taken', () => {
  const text = '0 1 * * * a\n'.repeat(MAX_ENTRIES);
  expect(user(text)).toMatchObject({ entries: { length: MAX_ENTRIES }, problems: [] });
  const { entries, problems } = user(`${text}0 2 * * * b\n`.repeat(2));
  expect(entries).toHaveLength(MAX_ENTRIES);
  expect(problems).toEqual([
    { line: MAX_ENTRIES + 1, text: '0 2 * * * b', message: expect.stringMatching(/More than 1000 entries/) },
  ]);
});

test('reading ends behind the last problem that is told', () => {
  expect(user('x\n'.repeat(MAX_PROBLEMS)).problems).toHaveLength(MAX_PROBLEMS);
  const { entries, problems } = user(`${'x\n'.repeat(MAX_PROBLEMS)}0 1 * * * a\nx\n0 1 * * * b\n`);
  expect(entries.map(({ command }) => command)).toEqual(['a']);
  expect(problems).toHaveLength(MAX_PROBLEMS + 1);
  expect(problems.at(-1)).toMatchObject({ line: MAX_PROBLEMS + 2, message: expect.stringMatching(/More than 100/) });
});

test('variables are taken up to a number, and changed as often as one likes', () => {
  const settings = Array.from({ length: MAX_VARIABLES }, (_, n) => `V${n}=1\nV${n}=2\n`).join('');
  expect(Object.keys(lastEntry(`${settings}0 1 * * * a`).environment)).toHaveLength(MAX_VARIABLES);
  expect(problem(`${settings}MORE=1`)).toMatch(/MORE is one too many/);
});

test('the costliest text is read in well under two seconds', () => {
  const never = Array.from({ length: 9_000 }, (_, n) => `${n % 60} ${n % 24} 30 2 * a`).join('\n');
  const blanks = `0 1 * * * a${' '.repeat(900)}b\n`.repeat(280);
  for (const text of [never, blanks, '#\n'.repeat(130_000), 'A=1\n'.repeat(65_000)]) {
    const started = performance.now();
    user(text);
    expect(performance.now() - started).toBeLessThan(2_000);
  }
});
