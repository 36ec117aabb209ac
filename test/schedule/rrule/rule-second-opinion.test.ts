/**
 * Two opinions that share nothing with src/schedule/rrule, in UTC: the library rrule, and the letter of the RFC looked
 * at day by day (support/by-definition.ts).
 */
import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type * as Rrule from 'rrule';
import { readRule, ruleRecurrence, toRule } from '../../../src/schedule/rrule/index.js';
import { byDefinition } from './support/by-definition.js';
import { anyRule, firesOf } from './support/rules.js';

// A bundle of CommonJS, whose names Node does not see from outside.
const { rrulestr } = createRequire(import.meta.url)('rrule') as typeof Rrule;

const DAY = 86_400_000;
const start = fc.integer({ min: Date.UTC(1997, 0, 1) / 1_000, max: Date.UTC(2030, 0, 1) / 1_000 });

interface Sample {
  text: string;
  from: number;
}

/** Seeded rules with their beginnings. */
function samples(seed: number, count: number): Sample[] {
  return fc
    .sample(fc.tuple(anyRule, start), { seed, numRuns: count })
    .map(([text, seconds]) => ({ text, from: seconds * 1_000 }));
}

const dtstart = (from: number): string => new Date(from).toISOString().replace(/[-:]|\.000/g, '');

function ours(text: string, from: number, until: number, limit: number): number[] {
  const parts = readRule(`DTSTART:${dtstart(from)}\nRRULE:${text}`);
  if (!parts.ok) throw new Error(`${text}: ${parts.message}`);
  const rule = toRule(parts.value, { timeZone: 'UTC', anchor: null });
  return rule.ok ? firesOf(ruleRecurrence(rule.value), 0, until, limit) : [];
}

const iso = (fires: readonly number[]): string[] => fires.map((fire) => new Date(fire).toISOString());

/** So far is looked, in days: a finer rule has enough fires in less. */
const SPAN: Record<string, number> = {
  YEARLY: 1_200,
  MONTHLY: 500,
  WEEKLY: 200,
  DAILY: 150,
  HOURLY: 10,
  MINUTELY: 1,
  SECONDLY: 0.01,
};
const spanOf = (text: string): number => (SPAN[/^FREQ=(\w+)/.exec(text)?.[1] ?? ''] ?? 1) * DAY;

test('rules fire when the letter of the RFC says so, day by day', () => {
  let seen = 0;
  for (const { text, from } of samples(21, 250)) {
    const until = from + spanOf(text);
    const fires = ours(text, from, until, Infinity);
    seen += fires.length;
    expect([text, dtstart(from), iso(fires)]).toEqual([text, dtstart(from), iso(byDefinition(text, from, until))]);
  }
  expect(seen).toBeGreaterThan(2_000);
});

/**
 * Where rrule 2.8.1 is known to differ, and why not to follow it:
 * - with FREQ=HOURLY and finer it steps wrongly over hours, minutes and seconds that BYHOUR, BYMINUTE and BYSECOND leave
 *   out: FREQ=SECONDLY;INTERVAL=7 from 03:53:18 with BYHOUR=9 begins at 09:00:00, which is no multiple of 7 away;
 * - BYWEEKNO without a weekday means all seven days, where the RFC takes the weekday of DTSTART;
 * - BYSETPOS in the week of DTSTART counts from DTSTART on, not from the beginning of the week;
 * - a date that two positions name is given twice.
 */
function isComparable(text: string): boolean {
  return !/FREQ=(HOURLY|MINUTELY|SECONDLY)/.test(text) && (!text.includes('BYWEEKNO') || text.includes('BYDAY'));
}

test('rules of a day and longer fire when the library rrule says so', () => {
  let compared = 0;
  for (const { text, from } of samples(22, 2_200).filter((sample) => isComparable(sample.text))) {
    const fires = ours(text, from, from + 20 * spanOf(text), 8);
    const until = fires.at(-1);
    // A rule without fires makes rrule search to the year 9999; the test above covers those.
    if (until === undefined) continue;
    const first = /WEEKLY.*BYSETPOS/.test(text) ? from + 7 * DAY : from;
    const rule = rrulestr(`DTSTART:${dtstart(from)}\nRRULE:${text}`);
    const theirs = rule.between(new Date(first), new Date(until), true).map((date) => date.getTime());
    const known = fires.filter((fire) => fire >= first);
    expect([text, dtstart(from), iso(known)]).toEqual([text, dtstart(from), iso([...new Set(theirs)])]);
    compared++;
  }
  expect(compared).toBeGreaterThan(1_000);
});
