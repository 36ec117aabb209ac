/**
 * Run as a process of its own: prints the fires of many schedules, to be compared between hosts in different time
 * zones.
 */
import { firesBetween, parseSchedule, type ScheduleInput } from '../../../src/schedule/index.js';

const zones = [undefined, 'Europe/Lisbon', 'America/Nuuk', 'Pacific/Apia'];
const inputs: Omit<ScheduleInput, 'jobType'>[] = [
  { frequency: '30 2 * * *' },
  { frequency: '*/20 1-3 * * 0,6' },
  { frequency: '0 0 L * *' },
  { frequency: 'daily' },
  { frequency: 'weekdays', executionTime: '2026-01-03T02:30' },
  { frequency: 'monthly', executionTime: '2026-01-31T23:30' },
  { frequency: 'every 7 hours' },
  { frequency: 'P1DT1H', executionTime: '2026-01-01T02:30:00Z' },
];

const results = zones.flatMap((timezone) =>
  inputs.map((input) => {
    const executionTime = timezone === undefined && input.executionTime ? '2026-01-03T02:30:00Z' : input.executionTime;
    const parsed = parseSchedule({ jobType: 'recurring', ...input, executionTime, timezone });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    return [parsed.understoodAs, firesBetween(parsed.schedule, Date.UTC(2026, 0, 1), Date.UTC(2026, 11, 31), 500)];
  }),
);

console.log(JSON.stringify({ hostOffset: new Date(Date.UTC(2026, 0, 1)).getTimezoneOffset(), results }));
