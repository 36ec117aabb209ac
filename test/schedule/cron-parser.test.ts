/**
 * A third opinion: cron-parser, which shares no code with croner, on thousands of random expressions. Where it disagrees
 * by design, a rule says so and leaves the expression out.
 */
import { expect, test } from '@jest/globals';
import { CronExpressionParser } from 'cron-parser';
import { readCron } from '../../src/schedule/cron-expression.js';
import { cronRecurrence } from '../../src/schedule/cron-fires.js';
import { random, type Random } from './support/random.js';
import { iso } from './support/schedules.js';

const DAY = 86_400_000;
const MONTHS = ['', 'JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** Days after which no zone below changes its clock for 34 days or more. */
const QUIET = ['2023-01-05', '2024-01-20', '2024-02-01', '2027-06-05', '2031-06-20'];
const ZONES = ['UTC', 'Asia/Tokyo', 'Asia/Kathmandu', 'America/Phoenix', 'America/New_York', 'Europe/Lisbon'];
const QUIET_DAYS = 30;

interface Kind {
  low: number;
  high: number;
  star: number;
  names?: readonly string[];
  extra?: (source: Random) => string;
}

const KINDS: readonly Kind[] = [
  { low: 0, high: 59, star: 20 },
  { low: 0, high: 59, star: 20 },
  { low: 0, high: 23, star: 30 },
  { low: 1, high: 31, star: 50, extra: () => 'L' },
  { low: 1, high: 12, star: 70, names: MONTHS },
  {
    low: 0,
    high: 7,
    star: 50,
    names: WEEKDAYS,
    extra: (source) => source.integer(0, 7) + source.pick(['L', '#1', '#2', '#3', '#4', '#5']),
  },
];

function item(source: Random, { low, high, names }: Kind): string {
  const { integer, pick } = source;
  const from = integer(low, high);
  const to = integer(from, high);
  const step = integer(1, high - low + 1);
  const written = (value: number) => (integer(0, 2) === 0 ? (names?.[value] ?? String(value)) : String(value));
  return pick([
    () => written(from),
    () => written(from),
    () => `${written(from)}-${written(to)}`,
    () => `*/${step}`,
    () => `${from}-${to}/${step}`,
    () => `${from}/${step}`,
  ])();
}

function field(source: Random, kind: Kind): string {
  if (source.integer(1, 100) <= kind.star) return '*';
  const items = Array.from({ length: source.pick([1, 1, 1, 2, 3]) }, () =>
    kind.extra !== undefined && source.integer(0, 4) === 0 ? kind.extra(source) : item(source, kind),
  );
  return items.join(',');
}

const expressionFrom = (source: Random): string =>
  KINDS.slice(source.pick([0, 1, 1]))
    .map((kind) => field(source, kind))
    .join(' ');

/** Why an expression means something else to cron-parser, each as a rule on its day fields. */
const differences: Record<string, (day: string, weekday: string) => boolean> = {
  'we need both days when one field begins with a star (crontab(5)), and it needs either': (day, weekday) =>
    day !== '*' && weekday !== '*' && (day.startsWith('*') || weekday.startsWith('*')),
  'it steps from a weekday to 7, a second Sunday, and we to Saturday': (_, weekday) => /(^|,)\d\/\d/.test(weekday),
  'it takes a step of 8 weekdays': (_, weekday) => weekday.includes('/8'),
  'it takes 0-SUN for Sunday, croner for every day, and we refuse it': (_, weekday) => /(0|SUN)-SUN/.test(weekday),
};

/** What it refuses, by the words of its error, and we take. */
const refusals = [
  /duplicate values found/, // lists and ranges that name a value twice
  /special characters are incompatible/, // 5#2 in a list or with a range
  /Invalid range: \d-0/, // FRI-SUN
];

test('cron-parser gives the same fires, but for what it means differently', () => {
  const source = random(21);
  let compared = 0;
  let refusedByIt = 0;
  const unexplained: string[] = [];
  for (let n = 0; n < 3_600; n += 1) {
    const expression = expressionFrom(source);
    const [day = '', , weekday = ''] = expression.split(' ').slice(-3);
    const timeZone = source.pick(ZONES);
    const after = Date.parse(source.pick(QUIET)) + source.integer(0, 4 * DAY);
    if (Object.values(differences).some((differs) => differs(day, weekday))) continue;
    const theirs = byCronParser(expression, timeZone, after);
    const ours = readCron(expression);
    if (typeof theirs === 'string') {
      refusedByIt += 1;
      if (ours.ok && !refusals.some((known) => known.test(theirs))) unexplained.push(`${expression}: ${theirs}`);
      continue;
    }
    if (theirs.length === 0) continue;
    compared += 1;
    expect([expression, ours.ok]).toEqual([expression, true]);
    const recurrence = cronRecurrence({ kind: 'cron', expression, timeZone });
    const fires: number[] = [];
    for (
      let fire = recurrence.next(after);
      fire !== null && fires.length < theirs.length;
      fire = recurrence.next(fire)
    ) {
      fires.push(fire);
    }
    expect([expression, timeZone, iso(after), fires.map(iso)]).toEqual([
      expression,
      timeZone,
      iso(after),
      theirs.map(iso),
    ]);
  }
  expect(unexplained).toEqual([]);
  expect(compared).toBeGreaterThan(1_500);
  expect(refusedByIt).toBeGreaterThan(300);
});

test.each([
  ['0 0 */2 * 1', 'we need both days'],
  ['0 0 * * 5/1', 'it steps from a weekday to 7'],
])('"%s" is a true difference: %s', (expression) => {
  const after = Date.parse('2027-06-05T00:00Z');
  const theirs = byCronParser(expression, 'UTC', after);
  const recurrence = cronRecurrence({ kind: 'cron', expression, timeZone: 'UTC' });
  const fires: (number | null)[] = [recurrence.next(after)];
  while (fires.length < theirs.length) fires.push(recurrence.next(fires.at(-1) ?? NaN));
  expect(fires).not.toEqual(theirs);
});

/** Its next two fires, as far as the clock of the zone stays quiet; or the words of its refusal. */
function byCronParser(expression: string, timeZone: string, after: number): number[] | string {
  try {
    const parsed = CronExpressionParser.parse(expression, { tz: timeZone, currentDate: new Date(after) });
    const fires = Array.from({ length: 2 }, () => parsed.next().getTime());
    const changesItsClock = timeZone === 'America/New_York' || timeZone === 'Europe/Lisbon';
    return changesItsClock ? fires.filter((fire) => fire < after + QUIET_DAYS * DAY) : fires;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
