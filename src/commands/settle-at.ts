import { nextExcluded, type Schedule } from '../schedule/index.js';

/** How far ahead the next excluded fire is looked for, in milliseconds; where there is none, it is looked for again then. */
const LOOK_AHEAD_MS = 31 * 86_400_000;

/**
 * The instant from which on the ledger has to be told of excluded fires: that of the first one after `after`, or until
 * when there is none. Null for a schedule that excludes none.
 */
export function settleAtAfter(schedule: Schedule, after: number): number | null {
  if (schedule.kind === 'once' || schedule.exclude === null || schedule.exclude.shift !== undefined) return null;
  const until = after + LOOK_AHEAD_MS;
  return nextExcluded(schedule, after, until) ?? until;
}
