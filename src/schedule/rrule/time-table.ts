/** The times of one day that fit a rule, where the interval counts days, hours, minutes or seconds. */
import { DAY } from '../limits.js';

/** Times in milliseconds since the midnight of a day number. */
export interface TimeTable {
  /** The first time of the day at or after `from`, or null. */
  first(day: number, from: number): number | null;
  /** The last time of the day at or before `to`, or null. */
  last(day: number, to: number): number | null;
  /** How many times of the day lie at or before `to`. */
  count(day: number, to: number): number;
}

/** The index of the first item that is not below `limit`. */
export function lowerBound(items: readonly number[], limit: number): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle] ?? NaN) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The same times every day. */
export function everyDay(times: readonly number[]): TimeTable {
  return {
    first: (_, from) => times[lowerBound(times, from)] ?? null,
    last: (_, to) => times[lowerBound(times, to + 1) - 1] ?? null,
    count: (_, to) => lowerBound(times, to + 1),
  };
}

/**
 * Of the same times, those in every `interval`th unit (days, hours, minutes, seconds) from the one of `startWall`. How
 * many times have which remainder is counted beforehand, so a day without any costs one look.
 */
export function everyNth(times: readonly number[], unit: number, interval: number, startWall: number): TimeTable {
  const remainders = times.map((time) => Math.floor(time / unit) % interval);
  const counts = new Uint32Array(interval);
  for (const remainder of remainders) counts[remainder] = (counts[remainder] ?? 0) + 1;
  const start = Math.floor(startWall / unit);
  /** The remainder that the times of a day must have. */
  const wanted = (day: number): number => {
    const remainder = (start - day * (DAY / unit)) % interval;
    return remainder < 0 ? remainder + interval : remainder;
  };

  return {
    first(day, from) {
      const remainder = wanted(day);
      if (counts[remainder] === 0) return null;
      return times[remainders.indexOf(remainder, lowerBound(times, from))] ?? null;
    },
    last(day, to) {
      const remainder = wanted(day);
      const end = lowerBound(times, to + 1) - 1;
      if (counts[remainder] === 0 || end < 0) return null;
      return times[remainders.lastIndexOf(remainder, end)] ?? null;
    },
    count(day, to) {
      const remainder = wanted(day);
      const all = counts[remainder] ?? 0;
      if (all === 0 || to >= DAY - 1) return all;
      let count = 0;
      for (let at = lowerBound(times, to + 1) - 1; at >= 0; at--) if (remainders[at] === remainder) count++;
      return count;
    },
  };
}
