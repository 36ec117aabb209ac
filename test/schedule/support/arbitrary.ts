/** Random schedules for fast-check: of every kind, in zones with a change of the clock nearby. */
import fc from 'fast-check';
import { parseSchedule, type Schedule, type ScheduleInput } from '../../../src/schedule/index.js';
import { at } from './schedules.js';
import { changes } from './zones.js';

const HOUR = 3_600_000;

/** A zone, a window of up to six days around a change of its clock, and what a job there may say beside its frequency. */
export interface Window {
  timezone: string;
  after: number;
  until: number;
  executionTime: string | undefined;
  dst: ScheduleInput['dst'];
}

export interface Sample extends Window {
  frequency: string;
  schedule: Extract<Schedule, { kind: 'recurring' }>;
}

const list = (item: fc.Arbitrary<string>) =>
  fc.uniqueArray(item, { minLength: 1, maxLength: 3 }).map((all) => all.join());

/** One cron field: a star, values, ranges, steps, and what else it may hold. */
function field(low: number, high: number, ...others: fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  const value = fc.integer({ min: low, max: high });
  const range = fc.tuple(value, value).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
  const step = fc.integer({ min: 1, max: high - low + 1 });
  const item = fc.oneof(
    value.map(String),
    range,
    step.map((n) => `*/${n}`),
    fc.tuple(range, fc.integer({ min: 1, max: 7 })).map((parts) => parts.join('/')),
    ...others,
  );
  return fc.oneof({ weight: 1, arbitrary: fc.constant('*') }, { weight: 2, arbitrary: list(item) });
}

const mostlyStar = (restricted: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant('*') }, { weight: 2, arbitrary: restricted });

/** Half of the times lie in the hours in which clocks change. */
const hours = fc.oneof(field(0, 23), fc.constantFrom('23', '0', '1', '2', '1-3', '22,23', '0,12', '*/2'));
const beforeLast = fc.nat(30).map((n) => `L-${n}`);

const cron = fc
  .tuple(
    field(0, 59),
    hours,
    mostlyStar(field(1, 28, beforeLast, fc.constantFrom('L', 'LW', '15W', '1W'))),
    mostlyStar(field(1, 12)),
    mostlyStar(field(0, 6, fc.constantFrom('FRI', '5L', '1#1'))),
  )
  .map((fields) => fields.join(' '));

const amount = fc.integer({ min: 1, max: 40 });

/** An expression of any kind; now and then a cron expression may name no day at all. */
export const anyFrequency: fc.Arbitrary<string> = fc
  .oneof(
    cron,
    cron,
    fc.tuple(fc.nat(59), cron).map((parts) => parts.join(' ')),
    fc.constantFrom('hourly', 'daily', 'weekdays', 'weekly', 'monthly', 'quarterly', 'yearly'),
    fc.tuple(amount, fc.constantFrom('minutes', 'hours', 'days', 'weeks')).map(([n, unit]) => `every ${n} ${unit}`),
    fc.tuple(fc.nat(2), amount).map(([days, n]) => `P${days}DT${n}H`),
  )
  .filter((frequency) => parseSchedule({ jobType: 'recurring', frequency }).ok);

const dst = fc.option(
  fc.record({ gap: fc.constantFrom('shift', 'skip'), overlap: fc.constantFrom('first', 'both') }, { requiredKeys: [] }),
  { nil: undefined },
);

export const anyWindow: fc.Arbitrary<Window> = fc
  .record({
    change: fc.constantFrom(...changes),
    before: fc.nat(72 * HOUR),
    beyond: fc.nat(72 * HOUR),
    // An anchor some whole half hours before the change often is at a local time that the change skips or repeats.
    anchor: fc.option(
      fc.oneof(
        fc.nat(2_000 * HOUR),
        fc.nat(4_000).map((n) => (n * HOUR) / 2),
      ),
      { nil: undefined },
    ),
    dst,
  })
  .map(({ change, before, beyond, anchor, dst: choice }) => ({
    timezone: change.zone,
    after: at(change.instant) - before,
    until: at(change.instant) + beyond,
    executionTime: anchor === undefined ? undefined : new Date(at(change.instant) - anchor).toISOString(),
    dst: choice,
  }));

/** A recurring schedule that must be understood; what else stands beside its input is left alone. */
export function scheduleOf(input: Omit<ScheduleInput, 'jobType'>): Sample['schedule'] {
  const { frequency, timezone, executionTime, dst: choice } = input;
  const parsed = parseSchedule({ jobType: 'recurring', frequency, timezone, executionTime, dst: choice });
  if (!parsed.ok || parsed.schedule.kind === 'once') throw new Error(JSON.stringify(parsed));
  return parsed.schedule;
}

export const anySample: fc.Arbitrary<Sample> = fc
  .tuple(anyWindow, anyFrequency)
  .map(([window, frequency]) => ({ ...window, frequency, schedule: scheduleOf({ ...window, frequency }) }));
