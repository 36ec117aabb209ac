/** What is worth knowing about one fire of a schedule. */
import { excludedDays, type ExcludedDays } from './calendar/index.js';
import { dstNoteOf } from './dst-notes.js';
import { localDate, localText } from './local-text.js';
import { partsOf } from './rules.js';
import type { Schedule } from './types.js';
import { lowerFirst } from './words.js';

/** Sentences about a fire, for people: why it is not at the time that they wrote, or does not run. */
export function notesOf(schedule: Schedule, fire: number): string[] {
  if (schedule.kind === 'once') return [];
  const { timeZone, rules } = schedule;
  const { leftOut, movedFrom } = partsOf(schedule);
  if (leftOut?.has(fire)) return [excludedNote(leftOut.days, fire, timeZone)];
  const moved = movedFrom(fire);
  const why =
    moved === null
      ? []
      : [
          `Moved from ${localText(moved.fire, timeZone)}: ${lowerFirst(excludedNote(moved.days, moved.fire, timeZone))}`,
        ];
  return [...why, ...new Set(rules.flatMap((rule) => dstNoteOf(rule, moved?.fire ?? fire) ?? []))];
}

/** Why a fire that the rules name in (after, until] is none of the schedule's: it was moved. Null when none is. */
export function movedAway(schedule: Schedule, after: number, until: number): string | null {
  if (schedule.kind === 'once' || schedule.exclude?.shift === undefined) return null;
  const { timeZone, exclude } = schedule;
  const fire = partsOf(schedule).named.next(after, until);
  if (fire === null || fire > until) return null;
  const days = excludedDays(exclude.calendars);
  if (days.on(localDate(fire, timeZone)) === null) return null;
  return `The fire of ${localText(fire, timeZone)} moves to the ${exclude.shift} other day: ${lowerFirst(excludedNote(days, fire, timeZone))}`;
}

function excludedNote(days: ExcludedDays, fire: number, timeZone: string): string {
  const date = localDate(fire, timeZone);
  const excluded = days.on(date);
  const day = excluded?.day === undefined ? date.toString() : `${date.toString()} (${excluded.day})`;
  return `The calendar "${excluded?.calendar ?? ''}" excludes ${day}.`;
}
