/** A second opinion on the rules of iCalendar files: the package rrule, which shares nothing with ics-rule.ts. */
import { expect, test } from '@jest/globals';
import { rrulestr } from 'rrule';
import { readIcs } from '../../../src/schedule/calendar/index.js';
import { random, type Random } from '../support/random.js';

const DAY = 86_400_000;

const several = (source: Random, make: () => number | string) =>
  [...new Set(Array.from({ length: source.integer(1, 4) }, make))].join(',');

function anyRule(source: Random): string {
  const { integer, pick } = source;
  const months = `BYMONTH=${several(source, () => integer(1, 12))}`;
  const monthDays = `BYMONTHDAY=${several(source, () => pick([integer(1, 31), -integer(1, 31)]))}`;
  const weekday = () => pick(['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']);
  const parts = pick<() => string[]>([
    () => [],
    () => [months],
    () => [monthDays],
    () => [months, monthDays],
    // Not both kinds in one list: rrule takes only what is of both.
    () => [
      months,
      `BYDAY=${several(source, () => `${pick(['1', '2', '3', '4', '5', '-1', '-2', '+1'])}${weekday()}`)}`,
    ],
    () => [months, `BYDAY=${several(source, weekday)}`],
    () => [months, monthDays, `BYDAY=${several(source, weekday)}`],
    () => [monthDays, `BYDAY=${several(source, weekday)}`],
  ])();
  const interval = pick([[], [`INTERVAL=${integer(1, 5)}`]]);
  const end = pick([[`COUNT=${integer(1, 30)}`], ['UNTIL=20350630'], []]);
  return ['FREQ=YEARLY', ...interval, ...parts, ...end].join(';');
}

test('yearly rules have the days that rrule gives them', () => {
  const source = random(41);
  let seen = 0;
  for (let n = 0; n < 300; n++) {
    const rule = anyRule(source);
    const first = source.integer(Date.UTC(2010, 0, 1) / DAY, Date.UTC(2030, 11, 31) / DAY);
    const basic = new Date(first * DAY).toISOString().slice(0, 10).replaceAll('-', '');
    const theirs = rrulestr(`DTSTART:${basic}T000000Z\nRRULE:${rule}`)
      .between(new Date(first * DAY), new Date(Date.UTC(2100, 11, 31)), true)
      .map((date) => date.toISOString().slice(0, 10));
    const start = new Date(first * DAY).toISOString().slice(0, 10);
    // The beginning is an occurrence for us, and counts; for rrule only if it matches.
    const count = Number(/COUNT=(\d+)/.exec(rule)?.[1]);
    if (theirs[0] !== start && theirs.length === count) theirs.pop();
    const expected = [...new Set([start, ...theirs])];
    const answer = readIcs(
      `BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:${basic}\nRRULE:${rule}\nEND:VEVENT\nEND:VCALENDAR\n`,
    );
    const ours = answer.ok ? answer.value.ranges.map(({ from }) => from) : [answer.message];
    if (!answer.ok && expected.length > 5_000) continue;
    seen += ours.length;
    expect([rule, start, ours]).toEqual([rule, start, expected]);
  }
  expect(seen).toBeGreaterThan(10_000); // the cases are worth something
});
