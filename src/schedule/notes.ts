/** What is worth knowing about one fire of a schedule. */
import { excludedDays } from './calendar/index.js';
import { localDate, localText } from './local-text.js';
import { dstNoteOf } from './dst-notes.js';
import { partsOf } from './rules.js';
import type { Schedule } from './types.js';

/** Sentences about a fire, for people: why it is not at the time that they wrote, or does not run. */
export function notesOf(schedule: Schedule, fire: number, isExcluded: boolean): string[] {
  if (schedule.kind === 'once') return [];
  const { timeZone } = schedule;
  if (isExcluded) return [excludedNote(schedule, fire)];
  const from = partsOf(schedule).movedFrom(fire);
  const moved =
    from === null ? [] : [`Moved from ${localText(from, timeZone)}: ${lowerFirst(excludedNote(schedule, from))}`];
  return [...moved, ...new Set(schedule.rules.flatMap((rule) => dstNoteOf(rule, from ?? fire) ?? []))];
}

function excludedNote({ exclude, timeZone }: Extract<Schedule, { kind: 'recurring' }>, fire: number): string {
  const date = localDate(fire, timeZone);
  const excluded = excludedDays(exclude?.calendars ?? []).on(date);
  const day = excluded?.day === undefined ? date.toString() : `${date.toString()} (${excluded.day})`;
  return `The calendar "${excluded?.calendar ?? ''}" excludes ${day}.`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
