/** Reads the value of one part of an RRULE line. Each function gives null for what the part does not take. */
import { frequencies, type NthWeekday, type NumberPart, type RuleFrequency } from './types.js';

export const MOST_VALUES = 64;

const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

/** The numbers a part takes (RFC 5545 3.3.10); `signed` ones may also count from the end, and are never 0. */
export const numberRanges: Record<NumberPart, { from: number; to: number; signed: boolean }> = {
  // The RFC takes 60 too; see read-rule-value.ts.
  BYSECOND: { from: 0, to: 59, signed: false },
  BYMINUTE: { from: 0, to: 59, signed: false },
  BYHOUR: { from: 0, to: 23, signed: false },
  BYMONTHDAY: { from: 1, to: 31, signed: true },
  BYYEARDAY: { from: 1, to: 366, signed: true },
  BYWEEKNO: { from: 1, to: 53, signed: true },
  BYMONTH: { from: 1, to: 12, signed: false },
  BYSETPOS: { from: 1, to: 366, signed: true },
};

export const isNumberPart = (name: string): name is NumberPart => Object.hasOwn(numberRanges, name);

/** "1 to 12", "1 to 31 or -31 to -1". */
export function rangeWords(name: NumberPart): string {
  const { from, to, signed } = numberRanges[name];
  return `numbers from ${from} to ${to}${signed ? `, or -${to} to -1 from the end` : ''}`;
}

export function readFreq(text: string): RuleFrequency | null {
  return frequencies.find((frequency) => frequency === text) ?? null;
}

/** A whole number of at least 1; null above `most` too. */
export function readPositive(text: string, most: number): number | null {
  const number = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  return number >= 1 && number <= most ? number : null;
}

export function readWeekday(text: string): number | null {
  const index = WEEKDAYS.indexOf(text);
  return index === -1 ? null : index;
}

/** One number of a list, or null. */
export function readNumber(name: NumberPart, text: string): number | null {
  const { from, to, signed } = numberRanges[name];
  if (!(signed ? /^[+-]?\d{1,3}$/ : /^\d{1,2}$/).test(text)) return null;
  const number = Number(text);
  const size = signed ? Math.abs(number) : number;
  return size >= from && size <= to ? number : null;
}

/** "MO", "1MO", "-1FR"; the RFC counts up to 53. */
export function readNthWeekday(text: string): NthWeekday | null {
  const [, nth, name = ''] = /^([+-]?\d{1,2})?([A-Z]{2})$/.exec(text) ?? [];
  const weekday = readWeekday(name);
  if (weekday === null) return null;
  if (nth === undefined) return { nth: 0, weekday };
  const size = Math.abs(Number(nth));
  return size >= 1 && size <= 53 ? { nth: Number(nth), weekday } : null;
}
