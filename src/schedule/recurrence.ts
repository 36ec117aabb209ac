/** How recurrences are put together: several into one, and one cut to a stretch of time. */
import type { Recurrence } from './types.js';

/** Fires whenever one of them does; what several name at the same instant is one fire. */
export function unionOf(all: readonly Recurrence[]): Recurrence {
  const [first, ...others] = all;
  if (first === undefined) return never;
  if (others.length === 0) return first;
  const next = (after: number) => least(all.map((one) => one.next(after)));
  return {
    next,
    previous: (until) => greatest(all.map((one) => one.previous(until))),
    count(after, until, cap) {
      // What they have in common counts once, so there is nothing to add up: it is walked, up to the cap.
      let count = 0;
      for (let fire = next(after); fire !== null && fire <= until && count < cap; fire = next(fire)) count += 1;
      return count;
    },
  };
}

/** Only the fires from `startAt` to `endAt`, both inclusive; null leaves that side open. */
export function within(startAt: number | null, endAt: number | null, whole: Recurrence): Recurrence {
  if (startAt === null && endAt === null) return whole;
  const from = startAt ?? -Infinity;
  const to = endAt ?? Infinity;
  return {
    next(after, until = Infinity) {
      const fire = whole.next(Math.max(after, from - 1), Math.min(until, to));
      return fire === null || fire > to ? null : fire;
    },
    previous(until) {
      const fire = whole.previous(Math.min(until, to));
      return fire === null || fire < from ? null : fire;
    },
    count(after, until, cap) {
      const begin = Math.max(after, from - 1);
      const end = Math.min(until, to);
      return end <= begin ? 0 : whole.count(begin, end, cap);
    },
  };
}

export const never: Recurrence = { next: () => null, previous: () => null, count: () => 0 };

function least(fires: readonly (number | null)[]): number | null {
  return fires.reduce((best, fire) => (best === null || (fire !== null && fire < best) ? fire : best), null);
}

function greatest(fires: readonly (number | null)[]): number | null {
  return fires.reduce((best, fire) => (best === null || (fire !== null && fire > best) ? fire : best), null);
}
