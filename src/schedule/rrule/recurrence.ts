/** A rule's fires: those of its RRULE, with the RDATEs and without the EXDATEs (RFC 5545 3.8.5.3). */
import type { Recurrence } from '../types.js';
import { compileRule, type CompiledRule } from './compile.js';
import { lowerBound } from './time-table.js';
import type { RecurrenceRule, Stretch } from './types.js';

export function ruleRecurrence(rule: RecurrenceRule): Recurrence {
  const own = ending(compileRule(rule), rule.until ?? Infinity);
  const all = rule.added.length === 0 ? own : withDates(own, rule.added);
  return rule.excluded.length === 0 ? all : without(all, rule.excluded);
}

/** Ends by UNTIL or COUNT. */
function ending({ next, previous, count, lastOfCount }: CompiledRule, last: number): Recurrence {
  const end = (until: number): number => {
    const by = Math.min(until, last);
    return Math.min(by, lastOfCount(by));
  };
  return {
    next(after) {
      const fire = next(after);
      return fire === null || fire > end(fire) ? null : fire;
    },
    previous: (until) => previous(end(until)),
    count: (after, until, cap) => count(after, end(until), cap),
  };
}

function withDates(own: Recurrence, dates: readonly number[]): Recurrence {
  const more = dates.filter((at) => own.next(at - 1) !== at);
  const indexAfter = (instant: number) => lowerBound(more, instant + 1);
  return {
    next(after) {
      const [fire, date] = [own.next(after), more[indexAfter(after)] ?? null];
      return fire === null || date === null ? (fire ?? date) : Math.min(fire, date);
    },
    previous(until) {
      const [fire, date] = [own.previous(until), more[indexAfter(until) - 1] ?? null];
      return fire === null || date === null ? (fire ?? date) : Math.max(fire, date);
    },
    count: (after, until, cap) => own.count(after, until, cap) + Math.max(0, indexAfter(until) - indexAfter(after)),
  };
}

function without(all: Recurrence, excluded: readonly Stretch[]): Recurrence {
  const starts = excluded.map(({ from }) => from);
  const around = (instant: number): Stretch | null => {
    const stretch = excluded[lowerBound(starts, instant + 1) - 1];
    return stretch !== undefined && instant < stretch.to ? stretch : null;
  };
  return {
    next(after) {
      for (let from = after; ;) {
        const fire = all.next(from);
        const stretch = fire === null ? null : around(fire);
        if (stretch === null) return fire;
        from = stretch.to - 1;
      }
    },
    previous(until) {
      for (let to = until; ;) {
        const fire = all.previous(to);
        const stretch = fire === null ? null : around(fire);
        if (stretch === null) return fire;
        to = stretch.from - 1;
      }
    },
    count(after, until, cap) {
      let count = 0;
      let at = after;
      for (const { from, to } of excluded.filter((stretch) => stretch.to > after && stretch.from <= until)) {
        if (from - 1 > at && count < cap) count += all.count(at, from - 1, cap - count);
        at = Math.max(at, to - 1);
      }
      return at < until && count < cap ? count + all.count(at, until, cap - count) : count;
    },
  };
}
