/** Moves the fires of excluded days to the nearest day that is not excluded. */
import { LRUCache } from 'lru-cache';
import { DAY } from '../limits.js';
import type { Recurrence } from '../types.js';
import { offsetPeriodAt } from '../wall-clock.js';
import type { ExcludedDays } from './excluded-days.js';
import { MOST_JUMPS } from './excluding.js';
import { dayEnd, dayStart, instantOn, localDay } from './local-day.js';
import { shiftBlocks, type ShiftBlocks } from './shift-blocks.js';

export type ShiftDirection = 'next' | 'previous';

export interface ShiftedRecurrence extends Recurrence {
  /** The instant that a fire was moved from, the earliest of several; null for one that stands where it was. */
  movedFrom(fire: number): number | null;
}

/** A fire as it takes place, and the instant it was moved from. */
interface Image {
  at: number;
  from: number | null;
}

/** A question looks at three days or so, and a walk at the same ones again. What is kept never changes. */
const DAYS_KEPT = 8;

/**
 * The fires of a recurrence, those of excluded days at the same local time of the next or previous day that is not
 * excluded; what falls on the same instant is one fire. A fire that finds no such day within `FURTHEST_SHIFT_DAYS` is
 * dropped. The work grows with the fires of a day (`firesADay`): the caller bounds them.
 */
export function shifting(
  base: Recurrence,
  timeZone: string,
  days: ExcludedDays,
  direction: ShiftDirection,
): ShiftedRecurrence {
  const blocks = shiftBlocks(days, timeZone, direction === 'next' ? 1 : -1);
  const known = new LRUCache<number, Image[]>({ max: DAYS_KEPT });
  const imagesOn = (day: number): Image[] => {
    const kept = known.get(day);
    if (kept !== undefined) return kept;
    const images = imagesOnDay(base, timeZone, blocks, day);
    known.set(day, images);
    return images;
  };
  const after = (day: number) => workingDayWithFires(base, timeZone, blocks, blocks.around(day).last + 1, 1);
  const before = (day: number) => workingDayWithFires(base, timeZone, blocks, blocks.around(day).first - 1, -1);

  return {
    next(instant) {
      let best: number | null = null;
      // Where the clock is set back over midnight, the day before comes again.
      let day = blocks.workingDay(localDay(timeZone, instant) - 1, 1);
      while (day !== null && (best === null || dayStart(timeZone, day) < best)) {
        const found = imagesOn(day).find(({ at }) => at > instant)?.at;
        if (found !== undefined) best = Math.min(found, best ?? Infinity);
        day = after(day);
      }
      return best;
    },
    previous(instant) {
      let best: number | null = null;
      let day = blocks.workingDay(localDay(timeZone, instant) + 1, -1);
      while (day !== null && (best === null || dayEnd(timeZone, day) > best)) {
        const found = imagesOn(day).findLast(({ at }) => at <= instant)?.at;
        if (found !== undefined) best = Math.max(found, best ?? -Infinity);
        day = before(day);
      }
      return best;
    },
    count(from, until, cap) {
      let count = 0;
      let day = blocks.workingDay(localDay(timeZone, from) - 1, 1);
      while (day !== null && count < cap && dayStart(timeZone, day) <= until) {
        count += imagesOn(day).filter(({ at }) => at > from && at <= until).length;
        day = after(day);
      }
      return count;
    },
    movedFrom: (fire) => imagesOn(localDay(timeZone, fire)).find(({ at }) => at === fire)?.from ?? null,
  };
}

/** The fires that take place on a working day, in order. */
function imagesOnDay(base: Recurrence, timeZone: string, blocks: ShiftBlocks, day: number): Image[] {
  const { first, last } = blocks.around(day);
  const end = dayEnd(timeZone, last);
  const images = new Map<number, Image>();
  for (let fire = base.next(dayStart(timeZone, first) - 1); fire !== null && fire < end; fire = base.next(fire)) {
    const on = localDay(timeZone, fire);
    if (on < first || on > last) continue;
    if (on === day) {
      images.set(fire, { at: fire, from: null });
    } else {
      const wall = fire + offsetPeriodAt(timeZone, fire).offset;
      const at = instantOn(timeZone, day, wall - on * DAY);
      if (!images.has(at)) images.set(at, { at, from: fire });
    }
  }
  return [...images.values()].toSorted((a, b) => a.at - b.at);
}

/** The nearest working day that fires come onto, from a day on, forwards (step 1) or backwards. */
function workingDayWithFires(
  base: Recurrence,
  timeZone: string,
  blocks: ShiftBlocks,
  from: number,
  step: 1 | -1,
): number | null {
  let start = from;
  for (let jumps = 0; jumps < MOST_JUMPS; jumps++) {
    const fire = nearestFire(base, timeZone, start, step);
    if (fire === null) return null;
    const day = localDay(timeZone, fire);
    const target = blocks.target(day);
    if (target !== null) return target;
    // Dropped, as all fires between here and the first day that is near enough to a working day.
    const working = blocks.workingDay(day, step);
    if (working === null) return null;
    const { first, last } = blocks.around(working);
    start = step === 1 ? first : last;
  }
  return null;
}

/** The nearest fire on a local day or after (step 1) or before it. */
function nearestFire(base: Recurrence, timeZone: string, day: number, step: 1 | -1): number | null {
  let fire = step === 1 ? base.next(dayStart(timeZone, day) - 1) : base.previous(dayEnd(timeZone, day) - 1);
  // Where the clock is set back over midnight, the days beyond come again.
  while (fire !== null && (localDay(timeZone, fire) - day) * step < 0) {
    fire = step === 1 ? base.next(fire) : base.previous(fire - 1);
  }
  return fire;
}
