/**
 * The questions asked of a schedule. Pure: the same schedule and instants give the same answer on every node with the
 * same time-zone data.
 */
import { EARLIEST, LATEST } from './limits.js';
import { partsOf } from './rules.js';
import type { Recurrence, Schedule } from './types.js';

/** Which fires are asked for: those that run (when nothing is said), or those that a calendar excludes. */
export type Part = 'runs' | 'excluded';

/** The first fire strictly after `after`, or null when there is none. */
export function nextFire(schedule: Schedule, after: number): number | null {
  return nextOf(partsOf(schedule).runs, after, LATEST);
}

/** Whether a calendar excludes a fire, so that it does not run. */
export function isExcluded(schedule: Schedule, fire: number): boolean {
  return partsOf(schedule).leftOut?.has(fire) ?? false;
}

/** The first fire in (after, until] whether it runs or is excluded, or null. */
export function nextOfAll(schedule: Schedule, after: number, until: number): number | null {
  return nextOf(partsOf(schedule).all, after, until);
}

/** The first excluded fire in (after, until], or null. It is searched for no farther than `until`. */
export function nextExcluded(schedule: Schedule, after: number, until: number): number | null {
  return nextOf(partsOf(schedule).excluded, after, until);
}

/** The fires in (after, until], oldest first, at most `limit`. */
export function firesBetween(
  schedule: Schedule,
  after: number,
  until: number,
  limit: number,
  part: Part = 'runs',
): number[] {
  const recurrence = partsOf(schedule)[part];
  const to = instant(until);
  const fires: number[] = [];
  for (let at = after; fires.length < limit;) {
    const fire = nextOf(recurrence, at, to);
    if (fire === null) break;
    fires.push(fire);
    at = fire;
  }
  return fires;
}

/** The number of fires in (after, until], exact up to `cap`, then `cap`. */
export function countFires(schedule: Schedule, after: number, until: number, cap: number, part: Part = 'runs'): number {
  const from = lowest(after);
  const to = Math.min(instant(until), LATEST);
  return to <= from ? 0 : Math.min(cap, partsOf(schedule)[part].count(from, to, cap));
}

/**
 * The last fire in (after, until], or null. It searches backwards from `until`, so a long stretch costs no more than a
 * short one.
 */
export function lastFire(schedule: Schedule, after: number, until: number, part: Part = 'runs'): number | null {
  const to = Math.min(instant(until), LATEST);
  const from = lowest(after);
  if (to <= from) return null;
  const fire = partsOf(schedule)[part].previous(to);
  return fire === null || fire <= from ? null : fire;
}

function nextOf(recurrence: Recurrence, after: number, until: number): number | null {
  const from = lowest(after);
  const last = Math.min(until, LATEST);
  const fire = from >= last ? null : recurrence.next(from, last);
  return fire === null || fire > last ? null : fire;
}

/** Fires lie in 1970 to 9999, so an `after` before that may as well be the last instant of 1969. */
function lowest(after: number): number {
  return Math.max(instant(after), EARLIEST - 1);
}

/**
 * NaN compares false with everything and would loop or fire at once: refused. Fractions are cut to the millisecond, in
 * which all fires lie.
 */
function instant(value: number): number {
  if (Number.isNaN(value)) throw new RangeError('An instant is epoch milliseconds, not NaN.');
  return Math.floor(value);
}
