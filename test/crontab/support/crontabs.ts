/** Short ways to read crontabs in tests. */
import { expect } from '@jest/globals';
import { readCrontab, type CrontabEntry } from '../../../src/crontab/index.js';

/** A user's crontab, read. */
export const user = (text: string) => readCrontab(text, { format: 'user' });

/** The last entry of a text in which all is right. */
export function lastEntry(text: string, format: 'user' | 'system' = 'user'): CrontabEntry {
  const { entries, problems } = readCrontab(text, { format });
  expect(problems).toEqual([]);
  const entry = entries.at(-1);
  if (entry === undefined) throw new Error('no entry');
  return entry;
}

/** The one problem of a text without entries. */
export function problem(text: string, format: 'user' | 'system' = 'user'): string {
  const { entries, problems } = readCrontab(text, { format });
  expect(entries).toEqual([]);
  expect(problems).toHaveLength(1);
  return problems[0]?.message ?? '';
}
