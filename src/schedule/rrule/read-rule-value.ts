/** Reads the value of an RRULE line, as strictly as RFC 5545 3.3.10 has it. */
import type { Understood } from '../types.js';
import { combinationProblem } from './combinations.js';
import { readTime, TIME_FORMS } from './read-time.js';
import {
  isNumberPart,
  MOST_VALUES,
  rangeWords,
  readFreq,
  readNthWeekday,
  readNumber,
  readPositive,
  readWeekday,
} from './read-value.js';
import { frequencies, type NumberPart, type RuleFrequency, type RuleValue } from './types.js';

export const MOST_COUNT = 10_000;
export const LONGEST_INTERVAL = 10_000;

const PARTS =
  'FREQ, INTERVAL, COUNT, UNTIL, WKST, BYMONTH, BYWEEKNO, BYYEARDAY, BYMONTHDAY, BYDAY, BYHOUR, BYMINUTE, BYSECOND and BYSETPOS';

/** Names of other libraries, and slips. */
const MEANT: Record<string, string> = {
  FREQUENCY: 'FREQ',
  BYWEEKDAY: 'BYDAY',
  BYWEEKDAYS: 'BYDAY',
  BYDAYS: 'BYDAY',
  BYMONTHS: 'BYMONTH',
  BYHOURS: 'BYHOUR',
  BYMINUTES: 'BYMINUTE',
  BYSECONDS: 'BYSECOND',
  BYWEEK: 'BYWEEKNO',
  BYWEEKNUMBER: 'BYWEEKNO',
  BYSETPOSITION: 'BYSETPOS',
  BYPOS: 'BYSETPOS',
  WEEKSTART: 'WKST',
  TIMES: 'COUNT',
  END: 'UNTIL',
  EVERY: 'INTERVAL',
};

/** A message, thrown within this file only: a part is wrong wherever it stands. */
class Refusal extends Error {}
const refuse = (message: string): never => {
  throw new Refusal(message);
};

/** Reads `FREQ=...;...`, in any case. */
export function readRuleValue(text: string): Understood<RuleValue> {
  try {
    const value = valueOf(partsOf(text.toUpperCase()));
    const problem = combinationProblem(value);
    return problem === null ? { ok: true, value } : { ok: false, message: problem };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, message: error.message };
    throw error;
  }
}

function partsOf(text: string): Map<string, string> {
  const parts = new Map<string, string>();
  for (const part of text.split(';')) {
    const [, name = '', value = ''] = /^([A-Z-]+)=(.+)$/.exec(part) ?? [];
    if (part === '')
      refuse('The recurrence rule has an empty part: write parts such as FREQ=DAILY with one ";" between them.');
    if (name === '')
      refuse(`The part ${quoted(part)} of the recurrence rule is not a name, "=" and a value, as in FREQ=DAILY.`);
    if (parts.has(name))
      refuse(`The recurrence rule has ${name} twice: write it once, with a comma between its values.`);
    parts.set(name, value);
  }
  for (const name of parts.keys()) checkName(name);
  return parts;
}

function checkName(name: string): void {
  if (name === 'RSCALE' || name === 'SKIP') {
    refuse(
      `${name} (RFC 7529) is not supported in a recurrence rule: leave it out; days count by the Gregorian calendar.`,
    );
  }
  if (isNumberPart(name) || ['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'WKST', 'BYDAY'].includes(name)) return;
  const meant = Object.hasOwn(MEANT, name) ? MEANT[name] : undefined;
  refuse(
    meant === undefined
      ? `The recurrence rule has no part ${quoted(name)}: it takes ${PARTS}.`
      : `The recurrence rule has no part ${quoted(name)}; did you mean ${meant}?`,
  );
}

function valueOf(parts: Map<string, string>): RuleValue {
  const take = <T>(name: string, takes: string, read: (text: string) => T | null, absent: T): T => {
    const text = parts.get(name);
    return text === undefined
      ? absent
      : (read(text) ?? refuse(`${name}=${shortened(text)} is not understood: ${name} takes ${takes}.`));
  };
  if (!parts.has('FREQ')) refuse('The recurrence rule has no FREQ: begin with FREQ=DAILY or another frequency.');
  return {
    freq: take<RuleFrequency>('FREQ', frequencies.join(', '), readFreq, 'DAILY'),
    interval: take(
      'INTERVAL',
      `a whole number from 1 to ${LONGEST_INTERVAL}`,
      (text) => readPositive(text, LONGEST_INTERVAL),
      1,
    ),
    count: take<number | null>(
      'COUNT',
      `a whole number from 1 to ${MOST_COUNT}`,
      (text) => readPositive(text, MOST_COUNT),
      null,
    ),
    until: take('UNTIL', `a day and time that exist, from 1970 on, ${TIME_FORMS}`, readTime, null),
    weekStart: take('WKST', 'one of SU, MO, TU, WE, TH, FR and SA', readWeekday, 1),
    byDay: listOf(
      'BYDAY',
      parts,
      'SU, MO, TU, WE, TH, FR and SA, with a number from 1 to 53 or -53 to -1 before it where it counts (1MO, -1FR)',
      readNthWeekday,
    ),
    by: Object.fromEntries([...parts.keys()].filter(isNumberPart).map((name) => [name, numbersOf(name, parts)])),
  };
}

function numbersOf(name: NumberPart, parts: Map<string, string>): number[] {
  if (name === 'BYSECOND' && /\b60\b/.test(parts.get(name) ?? '')) {
    refuse('BYSECOND=60 is not supported, for no clock here has leap seconds: BYSECOND takes numbers from 0 to 59.');
  }
  const numbers = listOf(name, parts, rangeWords(name), (text) => readNumber(name, text));
  return [...new Set(numbers)].toSorted((a, b) => a - b);
}

function listOf<T>(name: string, parts: Map<string, string>, takes: string, read: (text: string) => T | null): T[] {
  const items = parts.get(name)?.split(',') ?? [];
  if (items.length > MOST_VALUES) refuse(`${name} has ${items.length} values: at most ${MOST_VALUES} are taken.`);
  return items.map((item) => read(item) ?? refuse(`${name} does not take ${quoted(item)}: it takes ${takes}.`));
}

const shortened = (text: string): string => (text.length <= 40 ? text : `${text.slice(0, 40)}...`);
const quoted = (text: string): string => `"${shortened(text)}"`;
