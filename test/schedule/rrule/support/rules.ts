/** Random valid rules, and short ways to say rules in tests. */
import fc from 'fast-check';
import { readRule, ruleRecurrence, toRule, type RecurrenceRule } from '../../../../src/schedule/rrule/index.js';
import type { Recurrence } from '../../../../src/schedule/types.js';

/** The rule that a text must be understood as. */
export function ruleOf(text: string, timeZone = 'UTC', anchor: number | null = null): RecurrenceRule {
  const parts = readRule(text);
  if (!parts.ok) throw new Error(`${text}: ${parts.message}`);
  const rule = toRule(parts.value, { timeZone, anchor });
  if (!rule.ok) throw new Error(`${text}: ${rule.message}`);
  return rule.value;
}

export const recurrenceOf = (...args: Parameters<typeof ruleOf>): Recurrence => ruleRecurrence(ruleOf(...args));

/** The message with which a text is refused. */
export function refusalOf(text: string, timeZone = 'UTC', anchor: number | null = null): string {
  const parts = readRule(text);
  const rule = parts.ok ? toRule(parts.value, { timeZone, anchor }) : parts;
  if (rule.ok) throw new Error(`${text} was taken`);
  return rule.message;
}

/** The fires in (after, until], at most `limit`. */
export function firesOf({ next }: Recurrence, after: number, until = Infinity, limit = 1_000): number[] {
  const fires: number[] = [];
  for (let fire = next(after); fire !== null && fire <= until && fires.length < limit; fire = next(fire)) {
    fires.push(fire);
  }
  return fires;
}

const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

/** The parts that RFC 5545 allows each frequency. */
const takes: Record<string, string[]> = {
  YEARLY: ['BYMONTH', 'BYWEEKNO', 'BYYEARDAY', 'BYMONTHDAY', 'BYDAY', 'BYHOUR', 'BYMINUTE', 'BYSETPOS'],
  MONTHLY: ['BYMONTH', 'BYMONTHDAY', 'BYDAY', 'BYHOUR', 'BYMINUTE', 'BYSETPOS'],
  WEEKLY: ['BYMONTH', 'BYDAY', 'BYHOUR', 'BYMINUTE', 'BYSETPOS'],
  DAILY: ['BYMONTH', 'BYMONTHDAY', 'BYDAY', 'BYHOUR', 'BYMINUTE', 'BYSECOND', 'BYSETPOS'],
  HOURLY: ['BYMONTH', 'BYYEARDAY', 'BYMONTHDAY', 'BYDAY', 'BYHOUR', 'BYMINUTE', 'BYSECOND', 'BYSETPOS'],
  MINUTELY: ['BYMONTH', 'BYMONTHDAY', 'BYDAY', 'BYHOUR', 'BYMINUTE', 'BYSECOND', 'BYSETPOS'],
  SECONDLY: ['BYDAY', 'BYHOUR', 'BYMINUTE', 'BYSECOND'],
};

/** rrule gives times in the order in which they are written. */
const inOrder = (a: unknown, b: unknown): number => Number(a) - Number(b);
const list = <T>(values: fc.Arbitrary<T>, maxLength = 4): fc.Arbitrary<string> =>
  fc.uniqueArray(values, { minLength: 1, maxLength }).map((items) => items.toSorted(inOrder).join(','));

const signed = (most: number): fc.Arbitrary<number> =>
  fc.oneof(fc.integer({ min: 1, max: most }), fc.integer({ min: -most, max: -1 }));

const values: Record<string, fc.Arbitrary<string>> = {
  BYMONTH: list(fc.integer({ min: 1, max: 12 })),
  BYWEEKNO: list(signed(53)),
  BYYEARDAY: list(signed(366), 9),
  BYMONTHDAY: list(signed(31), 6),
  BYHOUR: list(fc.integer({ min: 0, max: 23 })),
  BYMINUTE: list(fc.integer({ min: 0, max: 59 })),
  BYSECOND: list(fc.integer({ min: 0, max: 59 })),
  BYSETPOS: fc.constantFrom('1', '-1', '-1,1'),
  BYDAY: list(fc.constantFrom(...WEEKDAYS), 5),
};
const nthDays = (most: number): fc.Arbitrary<string> =>
  list(
    fc.tuple(signed(most), fc.constantFrom(...WEEKDAYS)).map(([nth, day]) => `${nth}${day}`),
    3,
  );

/** The value of a valid RRULE of a frequency: zero to three BY parts, an interval, a first day of the week. */
function ruleWith(freq: string): fc.Arbitrary<string> {
  return fc.subarray(takes[freq] ?? [], { maxLength: 3 }).chain((names) => {
    const parts = names.filter((name) => name !== 'BYSETPOS' || names.length > 1);
    const counts = (freq === 'YEARLY' || freq === 'MONTHLY') && !parts.includes('BYWEEKNO');
    return fc
      .tuple(
        fc.constantFrom('', ';INTERVAL=2', ';INTERVAL=3', ';INTERVAL=7'),
        fc.constantFrom('', '', ';WKST=SU', ';WKST=WE'),
        ...parts.map((name) => {
          const value =
            name === 'BYDAY' && counts
              ? fc.oneof(values['BYDAY'] ?? fc.constant('MO'), nthDays(freq === 'YEARLY' ? 20 : 5))
              : (values[name] ?? fc.constant('1'));
          return value.map((text) => `;${name}=${text}`);
        }),
      )
      .map((texts) => `FREQ=${freq}${texts.join('')}`);
  });
}

/** The value of a valid RRULE. */
export const anyRule: fc.Arbitrary<string> = fc.constantFrom(...Object.keys(takes)).chain(ruleWith);
