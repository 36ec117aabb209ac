/** Says of a fire what the clock's change did to it, where it did anything. */
import { cronTimesOf } from './cron-fires.js';
import { DAY, HOUR, MINUTE, SECOND } from './limits.js';
import { ruleRecurrence } from './rules.js';
import { stepTimesOf } from './steps.js';
import type { Rule } from './types.js';
import { offsetPeriodAt, type OffsetPeriod } from './wall-clock.js';
import { clock } from './words.js';

/**
 * One sentence on a fire whose local time the clock skipped or shows twice; null when neither is so, when the rule counts
 * elapsed time, and when it does not fire at that instant.
 *
 * @param fire epoch milliseconds
 */
export function dstNoteOf(rule: Rule, fire: number): string | null {
  const { timeZone } = rule;
  const period = offsetPeriodAt(timeZone, fire);
  // No clock was ever moved by more than a day, so most fires need not be looked at.
  if (fire - period.start > DAY && period.end - fire > DAY) return null;
  const times = timesOf(rule, fire);
  const [first] = times;
  const last = times.at(-1);
  if (first === undefined || last === undefined || ruleRecurrence(rule).previous(fire) !== fire) return null;
  const shown = fire + period.offset;
  return times.includes(shown) ? copyNote(shown, timeZone, period) : skippedNote(first, last, shown, timeZone);
}

/** The local times that a rule names for a fire. */
function timesOf(rule: Rule, fire: number): number[] {
  switch (rule.kind) {
    case 'cron':
      return cronTimesOf(rule, fire);
    case 'interval':
      return stepTimesOf(rule, fire);
    case 'rrule':
      // It has no fires but at times that exist.
      return [fire + offsetPeriodAt(rule.timeZone, fire).offset];
    case 'keyword':
      return rule.keyword === 'hourly' && rule.anchor === null
        ? cronTimesOf({ ...rule, kind: 'cron', expression: '@hourly' }, fire)
        : stepTimesOf(rule, fire);
  }
}

function skippedNote(first: number, last: number, shown: number, timeZone: string): string {
  const day = dayOf(first) === dayOf(shown) ? 'this day' : dayOf(first);
  return first === last
    ? `${timeOf(first)} does not exist on ${day} in ${timeZone}: it runs at ${timeOf(shown)} instead`
    : `${timeOf(first)} to ${timeOf(last)} do not exist on ${day} in ${timeZone}: they run once, at ${timeOf(shown)}`;
}

function copyNote(shown: number, timeZone: string, { end, shownBefore }: OffsetPeriod): string | null {
  if (shown <= shownBefore) return `${timeOf(shown)} comes twice on this day: this is the second of the two`;
  const shownAgainFrom = end === Infinity ? Infinity : end + offsetPeriodAt(timeZone, end).offset;
  return shown >= shownAgainFrom ? `${timeOf(shown)} comes twice on this day: this is the first of the two` : null;
}

const dayOf = (wall: number): string => new Date(wall).toISOString().slice(0, 10);

function timeOf(wall: number): string {
  const time = ((wall % DAY) + DAY) % DAY;
  const part = (unit: number, whole: number) => Math.floor((time % whole) / unit);
  return clock(part(HOUR, DAY), part(MINUTE, HOUR), part(SECOND, MINUTE), time % SECOND);
}
