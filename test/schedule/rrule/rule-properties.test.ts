import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readRule, ruleRecurrence, toRule, type RecurrenceRule } from '../../../src/schedule/rrule/index.js';
import { at } from '../support/schedules.js';
import { changes } from '../support/zones.js';
import { anyRule, firesOf, recurrenceOf } from './support/rules.js';

const DAY = 86_400_000;
const MOST = 60;

/** A rule that begins up to 40 days before a change of a zone's clock, and a window around the change. */
const anyCase = fc
  .record({
    text: anyRule,
    end: fc.constantFrom('', '', ';COUNT=7', ';COUNT=40'),
    change: fc.constantFrom(...changes),
    ago: fc.integer({ min: 0, max: 40 * DAY }),
    from: fc.integer({ min: -3 * DAY, max: DAY }),
    length: fc.integer({ min: 0, max: 60 * DAY }),
    exdate: fc.integer({ min: 0, max: 5 }),
  })
  .map(({ text, end, change, ago, from, length, exdate }) => {
    const anchor = at(change.instant) - ago;
    const parts = readRule(text + end);
    if (!parts.ok) throw new Error(parts.message);
    const rule = toRule(parts.value, { timeZone: change.zone, anchor });
    const after = at(change.instant) + from;
    return { text: text + end, zone: change.zone, rule, after, until: after + length, exdate };
  });

const settings = (seed: number) => ({ seed, numRuns: 60, endOnFailure: true });

/** Runs a check on many rules; those that never fire are left out. */
function forMany(
  seed: number,
  check: (rule: RecurrenceRule, window: { after: number; until: number; exdate: number }) => void,
): void {
  let checked = 0;
  const property = fc.property(anyCase, ({ rule, ...window }) => {
    if (!rule.ok) return;
    checked++;
    check(rule.value, window);
  });
  fc.assert(property, settings(seed));
  expect(checked).toBeGreaterThan(40);
}

test('fires are increasing and not before the start, and previous and count agree with them', () => {
  forMany(1, (rule, { after, until }) => {
    const recurrence = ruleRecurrence(rule);
    const fires = firesOf(recurrence, after, until, MOST);
    const end = fires.length < MOST ? until : (fires.at(-1) ?? until);
    for (const [n, fire] of fires.entries()) {
      expect(fire).toBeGreaterThan(fires[n - 1] ?? Math.max(after, rule.start.at - 1));
      expect(recurrence.previous(fire)).toBe(fire);
      expect(recurrence.next(fire - 1)).toBe(fire);
    }
    expect(fires.slice(1).map((fire) => recurrence.previous(fire - 1))).toEqual(fires.slice(0, -1));
    expect(recurrence.count(after, end, 10_000)).toBe(fires.length);
    expect(recurrence.count(after, end, 3)).toBeGreaterThanOrEqual(Math.min(3, fires.length));
  });
});

test('a window split anywhere has the same fires', () => {
  forMany(2, (rule, { after, until }) => {
    const recurrence = ruleRecurrence(rule);
    const middle = Math.floor((after + until) / 2);
    const whole = firesOf(recurrence, after, until, MOST);
    const halves = [...firesOf(recurrence, after, middle, MOST), ...firesOf(recurrence, middle, until, MOST)];
    expect(halves.slice(0, MOST)).toEqual(whole);
  });
});

test('an EXDATE takes one fire out, and an RDATE puts it back', () => {
  forMany(3, (rule, { after, until, exdate }) => {
    const fires = firesOf(ruleRecurrence(rule), after, until, MOST);
    const out = fires[exdate];
    if (out === undefined || fires.length === MOST) return;
    const without = { ...rule, excluded: [{ from: out, to: out + 1_000 }] };
    const left = fires.filter((fire) => fire !== out);
    expect(firesOf(ruleRecurrence(without), after, until)).toEqual(left);
    expect(ruleRecurrence(without).count(after, until, 1_000)).toBe(left.length);
    expect(ruleRecurrence(without).previous(out)).toBe(ruleRecurrence(rule).previous(out - 1));
    const more = { ...rule, added: [out, out + 500].filter((date) => date <= until) };
    const expected = [...new Set([...fires, ...more.added])].toSorted((a, b) => a - b);
    expect(firesOf(ruleRecurrence(more), after, until)).toEqual(expected);
    expect(ruleRecurrence(more).count(after, until, 1_000)).toBe(expected.length);
  });
});

test('a rule survives JSON', () => {
  forMany(4, (rule, { after, until }) => {
    const copy = JSON.parse(JSON.stringify(rule)) as RecurrenceRule;
    expect(copy).toEqual(rule);
    expect(firesOf(ruleRecurrence(copy), after, until, 5)).toEqual(firesOf(ruleRecurrence(rule), after, until, 5));
  });
});

/** The first fires of 2026 on, in zones whose offset of 1970 was another. */
const firesOf2026 = (text: string, zone: string, anchor: number | null = null): number[] =>
  firesOf(recurrenceOf(text, zone, anchor), at('2026-02-01T00:00Z'), Infinity, 100);

test.each([
  ['FREQ=YEARLY;INTERVAL=2;BYMONTH=3,11;BYDAY=-1SU', '19700104', '20240104'],
  ['FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=-1,13', '19700101', '20250101'],
  ['FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,SU;WKST=SU', '19700105', '20260105'],
  ['FREQ=DAILY;INTERVAL=3;BYHOUR=1,2,3', '19700101', '20260101'],
])('%s gives the same fires whether it begins on %s or a whole number of intervals later', (text, far, near) => {
  for (const zone of ['Europe/Lisbon', 'America/New_York', 'Australia/Lord_Howe']) {
    const fires = firesOf2026(`DTSTART:${far}T120000\nRRULE:${text}`, zone);
    expect(fires).toEqual(firesOf2026(`DTSTART:${near}T120000\nRRULE:${text}`, zone));
    expect(fires).toHaveLength(100);
  }
});

test.each([
  ['FREQ=HOURLY;INTERVAL=5;BYDAY=SA,SU', 5 * 3_600_000],
  ['FREQ=MINUTELY;INTERVAL=7;BYHOUR=1,2', 7 * 60_000],
  ['FREQ=SECONDLY;INTERVAL=50;BYMINUTE=30', 50_000],
])('%s gives the same fires whether it begins in 1970 or just before', (text, interval) => {
  for (const zone of ['Europe/Lisbon', 'America/New_York', 'Australia/Lord_Howe']) {
    const near = Math.floor(at('2026-01-20T00:00Z') / interval) * interval;
    const fires = firesOf2026(text, zone, 0);
    expect(fires).toEqual(firesOf2026(text, zone, near));
    expect(fires).toHaveLength(100);
  }
});

test('without a beginning, a rule is counted from 1 January 2000, or the Sunday after it', () => {
  const first = (text: string) => new Date(recurrenceOf(text).next(0) ?? NaN).toISOString().slice(0, 16);
  expect(first('FREQ=DAILY')).toBe('2000-01-01T00:00');
  expect(first('FREQ=YEARLY')).toBe('2000-01-01T00:00');
  expect(first('FREQ=WEEKLY')).toBe('2000-01-02T00:00');
});

test('the zone of DTSTART wins over that of the job, and Z is UTC', () => {
  const first = (dtstart: string) => {
    const fire = recurrenceOf(`DTSTART${dtstart}\nRRULE:FREQ=DAILY`, 'Europe/Lisbon', 5).next(0);
    return new Date(fire ?? NaN).toISOString().slice(0, 16);
  };
  expect(first(';TZID=America/New_York:20260701T093000')).toBe('2026-07-01T13:30');
  expect(first(':20260701T093000Z')).toBe('2026-07-01T09:30');
  expect(first(':20260701T093000')).toBe('2026-07-01T08:30');
  expect(first(';VALUE=DATE:20260701')).toBe('2026-06-30T23:00');
});

test('DTSTART fires only when the rule names it', () => {
  const fires = firesOf(recurrenceOf('DTSTART:20260101T090000Z\nRRULE:FREQ=DAILY;BYHOUR=8;COUNT=2'), 0);
  expect(fires.map((fire) => new Date(fire).toISOString().slice(0, 13))).toEqual(['2026-01-02T08', '2026-01-03T08']);
});

test('UNTIL and EXDATE take whole days where they are dates', () => {
  const text = 'DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY;UNTIL=20260104\nEXDATE;VALUE=DATE:20260102,20260103';
  expect(firesOf(recurrenceOf(text, 'Europe/Paris'), 0).map((fire) => new Date(fire).toISOString())).toEqual([
    '2025-12-31T23:00:00.000Z',
    '2026-01-03T23:00:00.000Z',
  ]);
  const hourly = 'DTSTART:20260101T220000Z\nRRULE:FREQ=HOURLY;COUNT=30\nEXDATE;VALUE=DATE:20260102';
  expect(firesOf(recurrenceOf(hourly), 0)).toHaveLength(6);
});

test('a rule without BYSECOND keeps the milliseconds of the execution time', () => {
  const anchor = at('2026-01-01T09:00:00.250Z');
  expect(recurrenceOf('FREQ=HOURLY', 'UTC', anchor).next(0)).toBe(anchor);
  expect(recurrenceOf('FREQ=DAILY', 'UTC', anchor).next(anchor)).toBe(anchor + DAY);
  expect(recurrenceOf('FREQ=DAILY;BYSECOND=1', 'UTC', anchor).next(0)).toBe(at('2026-01-01T09:00:01Z'));
  expect(firesOf(recurrenceOf('FREQ=DAILY;COUNT=2\nEXDATE:20260101T090000Z', 'UTC', anchor), 0)).toEqual([
    anchor + DAY,
  ]);
});
