/** What is worth knowing about one fire of a schedule. */
import type { ExcludedDays } from './calendar/index.js';
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

function excludedNote(days: ExcludedDays, fire: number, timeZone: string): string {
  const date = localDate(fire, timeZone);
  const excluded = days.on(date);
  const day = excluded?.day === undefined ? date.toString() : `${date.toString()} (${excluded.day})`;
  return `The calendar "${excluded?.calendar ?? ''}" excludes ${day}.`;
}
