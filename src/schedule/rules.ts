/** A schedule's rules as recurrences. */
import { excludedDays, excluding, shifting, type ExcludedDays } from './calendar/index.js';
import { cronRecurrence } from './cron-fires.js';
import { localDate } from './local-text.js';
import { never, unionOf, within } from './recurrence.js';
import { ruleRecurrence as rfcRecurrence } from './rrule/index.js';
import { intervalRecurrence, keywordRecurrence } from './steps.js';
import type { OnceSchedule, Recurrence, RecurringSchedule, Rule, Schedule } from './types.js';

/** The fires of a schedule: those that run, and those that its calendars exclude. */
export interface Parts {
  runs: Recurrence;
  excluded: Recurrence;
  /** Both together. */
  all: Recurrence;
  /** The excluded days; null where no fire is left out. */
  leftOut: { days: ExcludedDays; has(fire: number): boolean } | null;
  /** Why a fire was moved; null for one that stands where it was. */
  movedFrom(fire: number): { fire: number; days: ExcludedDays } | null;
  /** What the rules name by themselves, before any fire is moved. */
  named: Recurrence;
}

// Putting one together costs more than asking it, and a decision asks several questions of one schedule.
const known = new WeakMap<Schedule, Parts>();

export function partsOf(schedule: Schedule): Parts {
  let parts = known.get(schedule);
  if (parts === undefined) {
    parts = schedule.kind === 'once' ? wholly(onceRecurrence(schedule)) : recurringParts(schedule);
    known.set(schedule, parts);
  }
  return parts;
}

function recurringParts({ rules, timeZone, startAt, endAt, exclude }: RecurringSchedule): Parts {
  const all = rules.length === 0 ? never : unionOf(rules.map(ruleRecurrence));
  const bounded = (recurrence: Recurrence) => within(startAt, endAt, recurrence);
  if (exclude === null) return wholly(bounded(all));
  const days = excludedDays(exclude.calendars);
  if (exclude.shift === undefined) {
    const { runs, excluded } = excluding(bounded(all), timeZone, days);
    const has = (fire: number) => days.on(localDate(fire, timeZone)) !== null;
    return { ...wholly(bounded(all)), runs, excluded, leftOut: { days, has } };
  }
  // From its own beginning on: what a day before it moves into the window counts, what it moves out does not.
  const shifted = shifting(all, timeZone, days, exclude.shift);
  const movedFrom = (fire: number) => {
    const from = shifted.movedFrom(fire);
    return from === null ? null : { fire: from, days };
  };
  return { ...wholly(bounded(shifted)), movedFrom, named: bounded(all) };
}

function wholly(runs: Recurrence): Parts {
  return { runs, excluded: never, all: runs, leftOut: null, movedFrom: () => null, named: runs };
}

export function ruleRecurrence(rule: Rule): Recurrence {
  switch (rule.kind) {
    case 'cron':
      return cronRecurrence(rule);
    case 'rrule':
      return rfcRecurrence(rule);
    case 'interval':
      return intervalRecurrence(rule);
    case 'keyword':
      // "@hourly" is on the hour of the local clock; an anchored hour is 3,600 seconds.
      return rule.keyword === 'hourly' && rule.anchor === null
        ? cronRecurrence({ ...rule, kind: 'cron', expression: '@hourly' })
        : keywordRecurrence(rule);
  }
}

function onceRecurrence({ at }: OnceSchedule): Recurrence {
  return {
    next: (after) => (at > after ? at : null),
    previous: (until) => (at <= until ? at : null),
    count: (after, until) => (at > after && at <= until ? 1 : 0),
  };
}
