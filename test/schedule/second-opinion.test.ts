/**
 * Two opinions that share nothing with the zone handling in src/schedule: croner's own, and a walk over every minute
 * by the clock of Intl.
 */
import { describe, expect, test } from '@jest/globals';
import { Cron } from 'croner';
import { firesBetween, type ScheduleInput } from '../../src/schedule/index.js';
import { scheduleOf } from './support/arbitrary.js';
import { random, randomCron } from './support/random.js';
import { at, iso, recurring } from './support/schedules.js';
import { changes } from './support/zones.js';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
/** How long before its window the walk looks at the clock, to know what it has shown: more than any overlap below. */
const LEAD = 180 * MINUTE;

/** The fires of croner with a time zone, which does the daylight-saving arithmetic itself. */
function byCroner(expression: string, timezone: string, after: number, until: number): number[] {
  const cron = new Cron(expression, { timezone, paused: true, fixedTimeRule: 'no-wildcard', sloppyRanges: true });
  const fires: number[] = [];
  for (let fire = cron.nextRun(new Date(after)); fire !== null; fire = cron.nextRun(fire)) {
    if (fire.getTime() > until) break;
    fires.push(fire.getTime());
  }
  return fires;
}

/** Wall time in minutes, by Intl alone. */
function intlClock(timeZone: string): (instant: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  return (instant) => {
    const part = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = ['year', 'month', 'day', 'hour', 'minute'].map(
      (type) => part[type],
    );
    return Date.UTC(year, month - 1, day, hour, minute) / MINUTE;
  };
}

function fieldHas(field: string, value: number, top: number): boolean {
  return field.split(',').some((item) => {
    const [range = '', step] = item.split('/');
    const [from = 0, to = step === undefined ? from : top] = range === '*' ? [0, top] : range.split('-').map(Number);
    const base = range === '*' && top <= 31 && top !== 23 && top !== 6 ? 1 : from;
    return value >= from && value <= to && (value - base) % Number(step ?? 1) === 0;
  });
}

/** Whether a wall time, in minutes, matches an expression. */
function matches(expression: string, wall: number): boolean {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = expression.split(' ');
  const date = new Date(wall * MINUTE);
  const dayFits = fieldHas(day, date.getUTCDate(), 31);
  const weekdayFits = fieldHas(weekday, date.getUTCDay(), 6);
  return (
    fieldHas(minute, date.getUTCMinutes(), 59) &&
    fieldHas(hour, date.getUTCHours(), 23) &&
    fieldHas(month, date.getUTCMonth() + 1, 12) &&
    (day === '*' || weekday === '*' ? dayFits && weekdayFits : dayFits || weekdayFits)
  );
}

type Dst = NonNullable<ScheduleInput['dst']>;

/**
 * The stated rule, minute by minute: what the clock shows, and with `shift` what it jumps over, and with `first` nothing
 * that it has shown before. By itself a job at fixed times does both, and one with a wildcard or a step neither.
 */
function byTheMinute(expression: string, zone: string, after: number, until: number, dst: Dst = {}): number[] {
  const clock = intlClock(zone);
  const [minute = '', hour = ''] = expression.split(' ');
  const fixed = !/[*/]/.test(minute + hour);
  const { gap = fixed ? 'shift' : 'skip', overlap = fixed ? 'first' : 'both' } = dst;
  const fires: number[] = [];
  let shown = clock(after - LEAD);
  for (let instant = after - LEAD + MINUTE; instant <= until; instant += MINUTE) {
    const wall = clock(instant);
    let fits = (overlap === 'both' || wall > shown) && matches(expression, wall);
    for (let passed = shown + 1; gap === 'shift' && passed < wall; passed += 1) fits ||= matches(expression, passed);
    shown = Math.max(shown, wall);
    if (fits && instant > after) fires.push(instant);
  }
  return fires;
}

test('the minute walk reads cron fields as croner does', () => {
  const source = random(11);
  for (let n = 0; n < 40; n += 1) {
    const expression = randomCron(source);
    const after = at('2026-03-10T00:00Z');
    expect([expression, byTheMinute(expression, 'UTC', after, after + DAY / 4)]).toEqual([
      expression,
      byCroner(expression, 'UTC', after, after + DAY / 4),
    ]);
  }
});

test.each<Dst>([
  {},
  { gap: 'shift', overlap: 'first' },
  { gap: 'shift', overlap: 'both' },
  { gap: 'skip', overlap: 'first' },
  { gap: 'skip', overlap: 'both' },
])('cron fires with %j are those of a walk over every minute around the changes of every zone', (dst) => {
  const source = random(12);
  for (const { zone, instant } of changes) {
    const expression = randomCron(source).replace(/^(\S+ \S+) .*/, '$1 * * *');
    const [after, until] = [at(instant) - DAY / 2, at(instant) + DAY / 2];
    const schedule = scheduleOf({ frequency: expression, timezone: zone, dst });
    expect([expression, zone, firesBetween(schedule, after, until, 9_999).map(iso)]).toEqual([
      expression,
      zone,
      byTheMinute(expression, zone, after, until, dst).map(iso),
    ]);
  }
});

describe("croner's own zone handling", () => {
  // It makes up for a skipped time only on the same date, and so loses the run of a gap that ends at midnight (or
  // swallows the day).
  const loses = [
    'America/Nuuk 2026-03-29T01:00Z',
    'Asia/Pyongyang 2018-05-04T15:00Z',
    'Pacific/Apia 2011-12-30T10:00Z',
  ];

  test('loses the runs that src/schedule gives where a gap ends at midnight', () => {
    for (const [zone = '', instant = ''] of loses.map((lost) => lost.split(' '))) {
      const [after, until] = [at(instant) - DAY, at(instant) + DAY / 24 / 4];
      const time = zone === 'Pacific/Apia' ? '0 9 30 12 *' : '45 23 * * *';
      expect(firesBetween(recurring(time, zone), after, until, 9).at(-1)).toBe(at(instant));
      expect(byCroner(time, zone, after, until)).not.toContain(at(instant));
    }
  });

  test('gives the same fires everywhere else', () => {
    const source = random(13);
    for (let n = 0; n < 150; n += 1) {
      const { zone, instant } = source.pick(changes);
      const expression = randomCron(source);
      const [after, until] = [at(instant) - DAY, at(instant) + DAY];
      const ours = firesBetween(recurring(expression, zone), after, until, 9_999);
      const theirs = byCroner(expression, zone, after, until);
      const known = ours.filter((fire) => theirs.includes(fire) || !loses.includes(`${zone} ${iso(fire)}`));
      expect([expression, zone, known.map(iso)]).toEqual([expression, zone, theirs.map(iso)]);
    }
  });
});
