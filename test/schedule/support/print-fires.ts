/**
 * Run as a process of its own: prints the fires of many schedules and their notes, to be compared between hosts in different time
 * zones.
 */
import { effectiveTime, firesBetween, parseSchedule, type ScheduleInput } from '../../../src/schedule/index.js';
import { dstNoteOf } from '../../../src/schedule/dst-notes.js';

const zones = [undefined, 'Europe/Lisbon', 'America/Nuuk', 'Pacific/Apia'];
const inputs: Omit<ScheduleInput, 'jobType'>[] = [
  { frequency: '30 2 * * *' },
  { frequency: '*/20 1-3 * * 0,6' },
  { frequency: '0 0 L * *' },
  { frequency: 'daily' },
  { frequency: 'weekdays', executionTime: '2026-01-03T02:30' },
  { frequency: 'monthly', executionTime: '2026-01-31T23:30' },
  { frequency: 'every 7 hours' },
  { frequency: '30 1,2 L-3,LW * *' },
  { frequency: '*/20 1-3 * * 0,6', dst: { gap: 'shift', overlap: 'first' } },
  { frequency: '30 2 * * *', dst: { gap: 'skip', overlap: 'both' } },
  { frequency: 'daily', executionTime: '2026-01-03T02:30', dst: { gap: 'skip', overlap: 'both' } },
  { frequency: ['30 2 * * *', 'every 11 hours'], jitterMs: 600_000 },
  { frequency: 'P1DT1H', executionTime: '2026-01-01T02:30:00Z' },
];

const results = zones.flatMap((timezone) =>
  inputs.map((input) => {
    const executionTime = timezone === undefined && input.executionTime ? '2026-01-03T02:30:00Z' : input.executionTime;
    const parsed = parseSchedule({ jobType: 'recurring', ...input, executionTime, timezone });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    const fires = firesBetween(parsed.schedule, Date.UTC(2026, 0, 1), Date.UTC(2026, 11, 31), 500);
    const rules = parsed.schedule.kind === 'recurring' ? parsed.schedule.rules : [];
    const notes = fires.flatMap((fire) => rules.map((rule) => dstNoteOf(rule, fire))).filter((note) => note !== null);
    return [parsed.understoodAs, fires, notes, fires.map((fire) => effectiveTime(parsed.schedule, fire, 'job'))];
  }),
);

console.log(JSON.stringify({ hostOffset: new Date(Date.UTC(2026, 0, 1)).getTimezoneOffset(), results }));
