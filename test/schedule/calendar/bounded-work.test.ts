import { describe, expect, test } from '@jest/globals';
import { excluding } from '../../../src/schedule/calendar/index.js';
import { parseSchedule, previewFires, type Schedule } from '../../../src/schedule/index.js';
import { partsOf } from '../../../src/schedule/rules.js';
import type { Recurrence } from '../../../src/schedule/types.js';
import { at } from '../support/schedules.js';
import { calendar, daysOf, recurrence } from './support/calendars.js';

/** How much is looked at to show a thousand fires: counted, as the time that it takes depends on the machine. */

const START = at('2026-01-01T00:00Z');
const DAY = 86_400_000;

/** A recurrence with how often it was asked. */
function counted(base: Recurrence): { recurrence: Recurrence; asked(): number } {
  let asked = 0;
  const count =
    <Args extends unknown[], Answer>(ask: (...args: Args) => Answer) =>
    (...args: Args): Answer => {
      asked += 1;
      return ask(...args);
    };
  const { next, previous, count: counting } = base;
  return {
    recurrence: { next: count(next), previous: count(previous), count: count(counting) },
    asked: () => asked,
  };
}

function schedule(frequency: string, calendars: { name: string; calendar: ReturnType<typeof calendar> }[]): Schedule {
  const parsed = parseSchedule({ jobType: 'recurring', frequency, exclude: { calendars } });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.schedule;
}

describe('a preview of a thousand fires', () => {
  test('reads ten calendars of 2,000 days each once, however many fires it shows', () => {
    let reads = 0;
    const calendars = Array.from({ length: 10 }, (_, n) => {
      const day = (index: number) => new Date(START + (2 * index + n) * 7 * DAY).toISOString().slice(0, 10);
      const read = calendar({ dates: Array.from({ length: 2_000 }, (_unused, index) => day(index)) });
      return { name: `calendar-${n}`, calendar: read };
    });
    const given = schedule('0 9 * * *', calendars);
    if (given.kind === 'once' || given.exclude === null) throw new Error('it excludes calendars');
    const watched = given.exclude.calendars.map(({ name, calendar: days }) => ({
      name,
      calendar: {
        ...days,
        get ranges() {
          reads += 1;
          return days.ranges;
        },
      },
    }));
    const shown = { ...given, exclude: { ...given.exclude, calendars: watched } };
    expect(previewFires(shown, START, { count: 10 })).toHaveLength(10);
    const readsOfTen = reads;
    expect(readsOfTen).toBeGreaterThanOrEqual(10);
    const fires = previewFires(shown, START, { count: 1_000 });
    expect([fires.length, fires.some((fire) => fire.isExcluded)]).toEqual([1_000, true]);
    expect(reads).toBe(readsOfTen);
    // Of a schedule that is read anew, too.
    previewFires({ ...shown }, START, { count: 1_000 });
    expect(reads).toBe(2 * readsOfTen);
  });

  test('asks the schedule once for each fire, where weekends are excluded and it fires on weekdays', () => {
    const weekdays = schedule('0 9 * * 1-5', [{ name: 'weekends', calendar: calendar({ weekdays: ['SA', 'SU'] }) }]);
    const parts = partsOf(weekdays);
    const [all, runs, excluded] = [counted(parts.all), counted(parts.runs), counted(parts.excluded)];
    // The parts of a schedule are kept with it.
    Object.assign(parts, { all: all.recurrence, runs: runs.recurrence, excluded: excluded.recurrence });
    expect(previewFires(weekdays, START, { count: 1_000 })).toHaveLength(1_000);
    expect([all.asked(), runs.asked(), excluded.asked()]).toEqual([1_001, 0, 0]);
  });
});

describe('the next fire that is excluded, of a schedule that has none', () => {
  test('is searched for no farther than it is asked for', () => {
    const base = counted(recurrence('0 9 * * 1-5', 'UTC'));
    const { excluded } = excluding(base.recurrence, 'UTC', daysOf({ weekends: { weekdays: ['SA', 'SU'] } }));
    expect(excluded.next(START, START + 31 * DAY)).toBeNull();
    expect(base.asked()).toBeLessThanOrEqual(10);
  });
});
