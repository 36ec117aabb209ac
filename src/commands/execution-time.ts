import { parseSchedule, type ScheduleInput } from '../schedule/index.js';

/** The instant that a valid `executionTime` names (epoch milliseconds), or null when there is none. */
export function executionTimeOf(input: ScheduleInput, now: number): number | null {
  if (input.executionTime === undefined) return null;
  if (input.executionTime === 'now') return now;
  const once = parseSchedule({ jobType: 'one-time', executionTime: input.executionTime, timezone: input.timezone });
  return once.ok && once.schedule.kind === 'once' ? once.schedule.at : null;
}
