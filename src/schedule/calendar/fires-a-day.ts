import { DAY } from '../limits.js';
import type { Recurrence } from '../types.js';
import { dayEnd, dayStart, localDay } from './local-day.js';

/** So many fires a day `shifting` is made for: a stretch of excluded days lays all of its fires on one day. */
export const MOST_SHIFTED_FIRES_A_DAY = 24;

const DAYS_LOOKED_AT = 60;
/** Rare fires are not many on one day; in milliseconds. */
const STRETCH_LOOKED_AT = 1_000 * DAY;

/**
 * The most fires on one local day, over the first 60 days with fires from an instant on, within some three years. Above
 * `MOST_SHIFTED_FIRES_A_DAY`: any number above it. Days of 24 hours only, so that an hourly job has 24.
 */
export function firesADay(base: Recurrence, timeZone: string, from: number): number {
  const enough = MOST_SHIFTED_FIRES_A_DAY + 1;
  let most = 0;
  let fire = base.next(from - 1);
  const until = (fire ?? 0) + STRETCH_LOOKED_AT;
  for (let days = 0; days < DAYS_LOOKED_AT && fire !== null && fire < until && most < enough; days++) {
    const day = localDay(timeZone, fire);
    const [start, end] = [dayStart(timeZone, day), dayEnd(timeZone, day)];
    if (end - start === DAY) most = Math.max(most, base.count(start - 1, end - 1, enough));
    // Where the clock is set back over midnight, the fire can be at the end of its day for the second time.
    fire = base.next(Math.max(fire, end - 1));
  }
  return most;
}
