/** Ranges of days: read as they are written, and laid side by side. */
import type { Understood } from '../types.js';
import { dateOf, dayOf, readDay } from './days.js';
import type { CalendarDefinition, DayRange } from './types.js';

type WrittenDates = NonNullable<CalendarDefinition['dates']>[number];

/** About ten years: a longer range is more likely a slip of a digit. */
export const LONGEST_RANGE_DAYS = 3_660;

/** A wrong end of a range is told by its name. */
type ReadRange = { ok: true; value: DayRange } | { ok: false; problems: { at: string[]; message: string }[] };

/** Reads a date or a range of a definition. */
export function readRange(written: WrittenDates): ReadRange {
  if (typeof written === 'string') return readSingle(written, {}, []);
  const named = written.name === undefined ? {} : { name: written.name };
  if ('date' in written) return readSingle(written.date, named, ['date']);
  const [from, to] = [readDay(written.from), readDay(written.to)];
  if (!from.ok || !to.ok) {
    const ends: [string, Understood<number>][] = [
      ['from', from],
      ['to', to],
    ];
    return {
      ok: false,
      problems: ends.flatMap(([end, read]) => (read.ok ? [] : [{ at: [end], message: read.message }])),
    };
  }
  const problem = lengthProblem(from.value, to.value);
  if (problem !== null) return { ok: false, problems: [{ at: [], message: problem }] };
  return { ok: true, value: { from: written.from, to: written.to, ...named } };
}

function readSingle(date: string, named: { name?: string }, at: string[]): ReadRange {
  const read = readDay(date);
  return read.ok
    ? { ok: true, value: { from: date, to: date, ...named } }
    : { ok: false, problems: [{ at, message: read.message }] };
}

/** A sentence if the range from one day to another, both inclusive, is backwards or too long; else null. */
export function lengthProblem(from: number, to: number): string | null {
  if (to < from) {
    return `The range ends on ${dateOf(to)}, before it begins on ${dateOf(from)}: did you mean the other way round?`;
  }
  const length = to - from + 1;
  if (length <= LONGEST_RANGE_DAYS) return null;
  return `The range has ${length} days, and at most ${LONGEST_RANGE_DAYS} (ten years) are taken: check its years.`;
}

/** Orders ranges and cuts what overlaps: a day in two of them belongs to the one that begins first. */
export function sideBySide(ranges: readonly DayRange[]): DayRange[] {
  const result: DayRange[] = [];
  let end = -Infinity;
  for (const range of ranges.toSorted((a, b) => dayOf(a.from) - dayOf(b.from))) {
    const from = Math.max(dayOf(range.from), end + 1);
    const to = dayOf(range.to);
    if (from > to) continue;
    result.push({ ...range, from: dateOf(from) });
    end = to;
  }
  return result;
}
