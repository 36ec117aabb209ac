import { expect, test } from '@jest/globals';
import { decideLate, scheduleOf, upcoming, whatFollows } from '../../src/commands/index.js';
import {
  effectiveTime,
  lastFire,
  nextFire,
  previewFires,
  readCalendar,
  type Schedule,
} from '../../src/schedule/index.js';
import type { JobRecord } from '../../src/store/job-record.js';
import { job as jobWith } from '../commands/support.js';
import { at } from './support/schedules.js';
import { changes } from './support/zones.js';

const MINUTE = 60_000;
const DAY = 86_400_000;
const COUNT = 6;

/** What jobs say about when: each kind of frequency, alone and together, with what may stand beside it. */
const frequencies: readonly Partial<JobRecord>[] = [
  ...['30 2 * * *', '30 1 * * *', '0 0 * * *', '10,40 0-3 * * *', '*/20 * * * *', '0 */2 * * *', '15 30 2 * * *'],
  ...['0 9 * * 5L', '0 2 L * *', '30 23 LW * *', '45 1 * * 0#1', '0 3 15W * *', '@weekly'],
  ...['hourly', 'daily', 'weekdays', 'every 15 minutes', 'every 1 day', 'PT24H', 'P1DT1H'],
  ['30 2 * * *', '0 3 * * *', 'every 7 hours'],
].map((frequency) => ({ frequency }));

const weekends = { id: 'w', name: 'weekends', days: calendar({ weekdays: ['SA', 'SU'] }) };

/** What else a job may say, which changes its fires or their runs. */
const besides: readonly [string, Partial<JobRecord>][] = [
  ['another choice of local times', { schedule: { dst: { gap: 'skip', overlap: 'both' } } }],
  ['days excluded', { calendars: [{ id: 'd', name: 'days', days: calendar({ weekdays: ['SA', 'MO'] }) }] }],
  ['jitter and spread', { schedule: { jitterMs: 40 * MINUTE, spreadMs: 10 * MINUTE } }],
];

/** Each change of a clock for plain jobs, and for jobs with one of these. */
const cases = changes.flatMap((change, index) => {
  const [beside, more] = besides[index % besides.length] ?? ['', {}];
  return [
    { ...change, beside: 'nothing', more: {} },
    { ...change, beside, more },
  ];
});

function calendar(definition: Parameters<typeof readCalendar>[0]): unknown {
  const read = readCalendar(definition);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value;
}

/** The fires as one asks for them: each next one after the one before. */
function chain(schedule: Schedule, after: number, count: number): number[] {
  const fires: number[] = [];
  for (let fire = nextFire(schedule, after); fire !== null && fires.length < count; fire = nextFire(schedule, fire)) {
    fires.push(fire);
  }
  return fires;
}

/** The runs as they come about: each claimed at its time, and the next one learnt from its claim and from its end. */
function claimed(job: JobRecord, schedule: Schedule, after: number, count: number): [fire: number, run: number][] {
  const runs: [number, number][] = [];
  let next = upcoming(job, schedule, after);
  while (next !== null && runs.length < count) {
    const { fire, next: following, skips } = decideLate({ ...job, next }, next.fireAt, next.runAt);
    if (fire === null || skips.length > 0) throw new Error(`missed at ${new Date(next.fireAt).toISOString()}`);
    runs.push([fire.fireAt, fire.runAt]);
    const running = { ...job, status: 'running', settledUntil: fire.fireAt, next: following } as const;
    const end = { outcome: 'completed', trigger: 'schedule', othersAreOpen: false, buffered: 0 } as const;
    expect(whatFollows(running, end, fire.runAt)).toMatchObject({ next: following, skips: [], buffered: [] });
    next = following;
  }
  return runs;
}

test.each(cases)(
  'preview, step by step and claim agree over $instant in $zone, with $beside',
  ({ zone, instant, more }) => {
    for (const when of frequencies) {
      const job = jobWith({ ...when, ...more, status: 'pending', timezone: zone });
      const schedule = scheduleOf(job);
      // From two fires before the change on.
      const last = lastFire(schedule, -Infinity, at(instant) - 1) ?? 0;
      const after = (lastFire(schedule, -Infinity, last - 1) ?? 0) - 1;
      const previewed = previewFires(schedule, after, { count: COUNT, seed: job.id });
      const runs = previewed.filter(({ isExcluded }) => !isExcluded);
      const fires = chain(schedule, after, runs.length);
      expect(runs.map(({ fireAt }) => fireAt)).toEqual(fires);
      expect(runs.map(({ runAt }) => runAt)).toEqual(fires.map((fire) => effectiveTime(schedule, fire, job.id)));
      const first = runs.slice(0, 3).map(({ fireAt, runAt }) => [fireAt, runAt]);
      expect(claimed(job, schedule, after, first.length)).toEqual(first);
      expect(previewed.map(({ fireAt }) => fireAt)).toEqual(previewed.map(({ fireAt }) => fireAt).toSorted(inOrder));
    }
  },
);

test('the preview shows excluded fires in their place, and all of them', () => {
  const job = jobWith({ frequency: '30 1 * * *', timezone: 'Europe/Lisbon', calendars: [weekends] });
  const fires = previewFires(scheduleOf(job), at('2026-03-20T12:00Z'), { count: 40, seed: job.id });
  expect(fires.map(({ local }) => local.slice(0, 10))).toEqual(
    Array.from({ length: 40 }, (__, day) => new Date(at('2026-03-21T00:00Z') + day * DAY).toISOString().slice(0, 10)),
  );
  const excluded = fires.filter(({ isExcluded }) => isExcluded);
  expect(
    excluded.every(({ local, runAt }) => runAt === null && [0, 6].includes(new Date(local.slice(0, 10)).getUTCDay())),
  ).toBe(true);
  expect(excluded).toHaveLength(12);
  expect(excluded[0]?.notes).toEqual(['The calendar "weekends" excludes 2026-03-21 (Saturday).']);
});

test('the preview ends with the last run that the job may have', () => {
  const schedule = scheduleOf(jobWith({ frequency: 'daily', calendars: [weekends] }));
  // From Friday on: Monday and Tuesday run, the weekend is shown before them, and nothing after them.
  const fires = previewFires(schedule, at('2026-03-20T12:00Z'), { count: 10, maxRuns: 2 });
  expect(fires.map(({ local, isExcluded }) => [local.slice(0, 10), isExcluded])).toEqual([
    ['2026-03-21', true],
    ['2026-03-22', true],
    ['2026-03-23', false],
    ['2026-03-24', false],
  ]);
  expect(previewFires(schedule, at('2026-03-20T12:00Z'), { count: 10, maxRuns: 0 })).toEqual([]);
});

function inOrder(a: number, b: number): number {
  return a - b;
}
