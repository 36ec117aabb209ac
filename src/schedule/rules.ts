/** A schedule's rules as recurrences. */
import { cronRecurrence } from './cron-fires.js';
import { never, unionOf, within } from './recurrence.js';
import { intervalRecurrence, keywordRecurrence } from './steps.js';
import type { OnceSchedule, Recurrence, RecurringSchedule, Rule, Schedule } from './types.js';

/** The fires of a schedule that run, and those that its calendars exclude. */
export interface Parts {
  runs: Recurrence;
  excluded: Recurrence;
}

// Putting one together costs more than asking it, and a decision asks several questions of one schedule.
const known = new WeakMap<Schedule, Parts>();

export function partsOf(schedule: Schedule): Parts {
  let parts = known.get(schedule);
  if (parts === undefined) {
    parts = schedule.kind === 'once' ? { runs: onceRecurrence(schedule), excluded: never } : recurringParts(schedule);
    known.set(schedule, parts);
  }
  return parts;
}

function recurringParts({ rules, startAt, endAt }: RecurringSchedule): Parts {
  const all = within(startAt, endAt, unionOf(rules.map(ruleRecurrence)));
  return { runs: all, excluded: never };
}

export function ruleRecurrence(rule: Rule): Recurrence {
  switch (rule.kind) {
    case 'cron':
      return cronRecurrence(rule);
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
