import { describe, expect, test } from '@jest/globals';
import { firesBetween, parseSchedule, type ScheduleInput } from '../../src/schedule/index.js';
import { dstNoteOf } from '../../src/schedule/dst-notes.js';
import { at, localTime } from './support/schedules.js';
import { gaps, overlaps } from './support/zones.js';

const HOUR = 3_600_000;

/** The fires around an instant that have a note, with it. */
function notesAround(instant: string, input: Omit<ScheduleInput, 'jobType'>): [string, string][] {
  const parsed = parseSchedule({ jobType: 'recurring', ...input });
  if (!parsed.ok || parsed.schedule.kind === 'once') throw new Error('was refused');
  const { rules, timeZone } = parsed.schedule;
  return firesBetween(parsed.schedule, at(instant) - 30 * HOUR, at(instant) + 30 * HOUR, 1_000).flatMap((fire) =>
    rules.flatMap((rule): [string, string][] => {
      const note = dstNoteOf(rule, fire);
      return note === null ? [] : [[localTime(fire, timeZone).slice(0, 16), note]];
    }),
  );
}

const spring = '2026-03-29T01:00Z';
const autumn = '2026-10-25T01:00Z';
const timezone = 'Europe/Paris';
const executionTime = '2026-01-01T02:30';

describe('a fire whose time the clock skips', () => {
  test('says so, of a cron job at a fixed time', () => {
    expect(notesAround(spring, { frequency: '30 2 * * *', timezone })).toEqual([
      ['2026-03-29T03:00', '02:30 does not exist on this day in Europe/Paris: it runs at 03:00 instead'],
    ]);
  });

  test('says so, of a keyword and of a calendar interval', () => {
    for (const frequency of ['daily', 'P1D']) {
      expect(notesAround(spring, { frequency, timezone, executionTime })).toEqual([
        ['2026-03-29T03:30', '02:30 does not exist on this day in Europe/Paris: it runs at 03:30 instead'],
      ]);
    }
  });

  test('says so for all the times that it makes up for together', () => {
    const dst = { gap: 'shift' } as const;
    expect(notesAround(spring, { frequency: '10/20 * * * *', timezone, dst })).toEqual([
      ['2026-03-29T03:00', '02:10 to 02:50 do not exist on this day in Europe/Paris: they run once, at 03:00'],
    ]);
  });

  test('names the day when it is not the day of the fire', () => {
    expect(notesAround('2026-03-29T01:00Z', { frequency: '30 23 * * *', timezone: 'America/Nuuk' })).toEqual([
      ['2026-03-29T00:00', '23:30 does not exist on 2026-03-28 in America/Nuuk: it runs at 00:00 instead'],
    ]);
  });

  test('says nothing when the job names the time at which it fires too', () => {
    expect(notesAround(spring, { frequency: '0 2,3 * * *', timezone })).toEqual([]);
    const apia = { frequency: 'daily', timezone: 'Pacific/Apia', executionTime: '2011-12-01T09:00' };
    expect(notesAround('2011-12-30T10:00Z', apia)).toEqual([]);
  });
});

describe('a fire whose time comes twice', () => {
  const first = '02:30 comes twice on this day: this is the first of the two';
  const second = '02:30 comes twice on this day: this is the second of the two';

  test.each(['30 2 * * *', 'daily'])('says which of the two it is, of "%s"', (frequency) => {
    const input = { frequency, timezone, executionTime };
    expect(notesAround(autumn, input)).toEqual([['2026-10-25T02:30', first]]);
    expect(notesAround(autumn, { ...input, dst: { overlap: 'both' } })).toEqual([
      ['2026-10-25T02:30', first],
      ['2026-10-25T02:30', second],
    ]);
  });

  test('says it of each tick of a wildcard job', () => {
    const notes = notesAround(autumn, { frequency: '*/15 * * * *', timezone });
    expect(notes.map(([, note]) => note.slice(0, 5))).toEqual([
      '02:00',
      '02:15',
      '02:30',
      '02:45',
      '02:00',
      '02:15',
      '02:30',
      '02:45',
    ]);
    expect(notes.map(([, note]) => note.includes('second'))).toEqual([...Array(4).fill(false), ...Array(4).fill(true)]);
  });

  test('says it of "hourly" on the clock of the zone', () => {
    expect(notesAround(autumn, { frequency: 'hourly', timezone })).toHaveLength(2);
  });
});

test('elapsed time has no notes', () => {
  for (const change of [spring, autumn]) {
    for (const frequency of ['hourly', 'every 30 minutes', 'P1DT1H']) {
      const start = new Date(at(change) - 24 * HOUR).toISOString();
      expect(notesAround(change, { frequency, timezone, executionTime: start })).toEqual([]);
    }
  }
});

test('an instant at which the rule does not fire has no note', () => {
  const rule = { kind: 'cron', expression: '30 2 * * *', timeZone: timezone } as const;
  expect(dstNoteOf(rule, at(spring))).not.toBeNull();
  expect(dstNoteOf({ ...rule, dst: { gap: 'skip' } }, at(spring))).toBeNull();
  expect(dstNoteOf(rule, at('2026-10-25T01:30Z'))).toBeNull(); // the second copy, which does not run
  expect(dstNoteOf({ ...rule, expression: '30 4 * * *' }, at(spring))).toBeNull();
});

test.each([...gaps, ...overlaps])('in $zone a job at $local has one note at the change, and none before', (row) => {
  const change = 'end' in row ? row.end : row.first;
  const frequency = `${Number(row.local.slice(14, 16))} ${Number(row.local.slice(11, 13))} * * *`;
  const notes = notesAround(change, { frequency, timezone: row.zone });
  expect(notes).toHaveLength(1);
  expect(notes[0]?.[1]).toContain(`${row.local.slice(11)} ${'end' in row ? 'does not exist' : 'comes twice'}`);
});
