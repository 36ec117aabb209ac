/** Makes a rule of what was read, a job's time zone and its execution time. */
import { Temporal } from 'temporal-polyfill';
import { DAY, EARLIEST, LATEST, SECOND } from '../limits.js';
import type { Understood } from '../types.js';
import { firstInstantShowing, offsetPeriodAt } from '../wall-clock.js';
import { instantOf } from './read-time.js';
import { ruleRecurrence } from './recurrence.js';
import { timesOfDay } from './implied.js';
import type { RecurrenceRule, RuleFrequency, RuleParts, RuleValue, Stretch, WrittenTime } from './types.js';

export interface RuleContext {
  /** The job's IANA zone, for local times that name none. */
  timeZone: string;
  /** The job's executionTime in epoch milliseconds, which is the rule's DTSTART where the text has none. */
  anchor: number | null;
}

/** Gives the rule, or says why it cannot have one: no beginning to count from, or no fire at all. */
export function toRule(parts: RuleParts, { timeZone: jobZone, anchor }: RuleContext): Understood<RecurrenceRule> {
  const { rule, dtstart } = parts;
  if (rule.count !== null && dtstart === null && anchor === null) {
    return { ok: false, message: 'COUNT needs a beginning: add DTSTART or executionTime.' };
  }
  const timeZone = dtstart?.timeZone ?? jobZone;
  const start = startOf(parts, timeZone, anchor);
  const candidates = candidatesOfPositions(rule, start.wall);
  if (candidates > MOST_CANDIDATES) {
    const message = `BYSETPOS would pick from up to ${candidates} times at once, and at most ${MOST_CANDIDATES} are taken: name fewer hours, minutes or seconds, or a shorter FREQ.`;
    return { ok: false, message };
  }
  const added = parts.rdates.map((time) => instantOf(time, timeZone)).toSorted((a, b) => a - b);
  if (dtstart !== null && added.some((at) => at < start.at)) {
    return {
      ok: false,
      message: 'RDATE names a time before DTSTART, and nothing fires before DTSTART: begin earlier, or leave it out.',
    };
  }
  const value: RecurrenceRule = {
    kind: 'rrule',
    rule,
    timeZone,
    start,
    until: rule.until === null ? null : lastInstantOf(rule.until, timeZone),
    added: [...new Set(added)].filter((at) => at >= start.at),
    excluded: joined(parts.exdates.map((time) => excludedBy(time, timeZone))),
  };
  const first = ruleRecurrence(value).next(Math.max(start.at, EARLIEST) - 1);
  if (first === null || first > LATEST) {
    return {
      ok: false,
      message:
        'The recurrence rule never fires: no date and time fits all of its parts between its beginning and its end, or within a thousand years.',
    };
  }
  return { ok: true, value };
}

/** From so many times BYSETPOS picks at most: each search looks at all of them. */
const MOST_CANDIDATES = 10_000;
const DAYS_OF: Partial<Record<RuleFrequency, number>> = { YEARLY: 366, MONTHLY: 31, WEEKLY: 7, DAILY: 1 };

/** The most times that BYSETPOS may have to pick from in one period of the rule. */
function candidatesOfPositions(rule: RuleValue, startWall: number): number {
  const days = rule.by.BYSETPOS === undefined ? 0 : (DAYS_OF[rule.freq] ?? 0);
  return days * timesOfDay(rule, startWall).length;
}

/**
 * The text's DTSTART; else the execution time; else local midnight of 1 January 2000, and of the Sunday after it for
 * weekly rules, as for intervals (see anchors.ts).
 */
function startOf({ rule, dtstart }: RuleParts, timeZone: string, anchor: number | null): RecurrenceRule['start'] {
  if (dtstart !== null) return { at: instantOf(dtstart, timeZone), wall: dtstart.wall };
  if (anchor !== null) return { at: anchor, wall: anchor + offsetPeriodAt(timeZone, anchor).offset };
  const day = new Temporal.PlainDate(2000, 1, rule.freq === 'WEEKLY' ? 2 : 1);
  const midnight = day.toZonedDateTime('UTC').epochMilliseconds;
  return { at: day.toZonedDateTime(timeZone).epochMilliseconds, wall: midnight };
}

/** UNTIL is inclusive: of a local time up to when the clock first passes it, of a date to the end of the day. */
function lastInstantOf({ form, wall, timeZone }: WrittenTime, localZone: string): number {
  return firstInstantShowing(timeZone ?? localZone, wall + (form === 'date' ? DAY : 1)) - 1;
}

/**
 * A time means its second, for a rule without BYSECOND fires at the milliseconds of its execution time; a date means
 * the whole local day.
 */
function excludedBy(time: WrittenTime, timeZone: string): Stretch {
  if (time.form === 'date') {
    return { from: firstInstantShowing(timeZone, time.wall), to: firstInstantShowing(timeZone, time.wall + DAY) };
  }
  const from = instantOf(time, timeZone);
  return { from, to: from + SECOND };
}

/** Stretches in order, with those that touch made one. */
function joined(stretches: readonly Stretch[]): Stretch[] {
  const apart: Stretch[] = [];
  for (const { from, to } of stretches.toSorted((a, b) => a.from - b.from)) {
    const last = apart.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else apart.push({ from, to });
  }
  return apart;
}
