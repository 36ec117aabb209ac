import { describe, expect, test } from '@jest/globals';
import { explainWaitingJob, whyWaiting } from '../../src/commands/why-waiting.js';
import { waitingCodes } from '../../src/contract/answers.js';
import { overlapPolicies } from '../../src/domain/job.js';
import type { Database } from '../../src/store/database.js';
import type { JobRecord } from '../../src/store/job-record.js';
import type { LiveNode, WaitingFacts } from '../../src/store/waiting-facts.js';
import { fire as fireAt, HOUR, job as jobOf, NINE } from './support.js';

/** What is in the way of a run, decided from the facts; that these are read rightly is in test/workflows/why-waiting.test.ts. */

type Run = NonNullable<WaitingFacts['run']>;
interface Given {
  job?: Partial<WaitingFacts['job']>;
  run?: Partial<Run>;
  /** Instead of a run. */
  fire?: Partial<NonNullable<WaitingFacts['fire']>>;
  nodes?: LiveNode[];
}

const worker = (load: LiveNode['load'] = {}, pools = ['default']): LiveNode => ({ role: 'executor', pools, load });
const scheduler: LiveNode = { role: 'scheduler', pools: ['default'], load: {} };

/** A run that nothing holds back, but for what is given. */
const facts = ({ job, run, fire, nodes = [scheduler, worker()] }: Given): WaitingFacts => ({
  job: {
    status: 'pending',
    pauseReason: null,
    pauseUntil: null,
    isDispatched: true,
    pool: 'default',
    overlap: 'skip',
    concurrency: null,
    projectLimit: null,
    after: null,
    timeZone: 'UTC',
    ...job,
  },
  run: fire ? null : { ...plain, ...run },
  fire: fire ? { isCaughtUp: false, underWay: [], ...fire } : null,
  nodes,
});
const plain: Run = {
  outcome: 'waiting',
  trigger: 'schedule',
  scheduledFor: NINE,
  isParallel: false,
  waitsFor: null,
  waitUntil: null,
  concurrencyKey: null,
  holders: [],
  aheadInLine: 0,
  underWay: [],
  underWayCount: 0,
  before: [],
  beforeCount: 0,
};
const unmet = [{ name: 'Load', outcome: 'completed' as const }];
const why = (given: Given) => whyWaiting(facts(given), unmet, NINE);

const pausedUntil = { status: 'paused', pauseReason: 'Moving', pauseUntil: NINE + HOUR } as const;
const key = { concurrency: { key: 'db', limit: 1, onLimit: 'wait' } } as const;
const inLine: Partial<Run> = { waitsFor: 'concurrency', concurrencyKey: 'db', holders: ['a'], aheadInLine: 1 };
const full = worker({ running: 4, places: 4 });
const between = { outcome: 'running', waitUntil: NINE + HOUR } as const;

const situations: [string, Given, Record<string, unknown>, RegExp][] = [
  [
    'a paused job',
    { job: pausedUntil },
    { code: 'paused', until: NINE + HOUR },
    /paused \(Moving\) until 2027-03-01T10/,
  ],
  [
    'a place of a key',
    { job: key, run: inLine },
    { code: 'concurrency', heldBy: ['a'], position: 2 },
    /"db" .*1 run .*2 in/,
  ],
  [
    'a place of its project',
    { job: { projectLimit: 9 }, run: { waitsFor: 'project' } },
    { code: 'project_limit', position: 1 },
    /9 runs/,
  ],
  [
    'the jobs that it follows',
    { run: { waitsFor: 'condition', waitUntil: NINE + HOUR } },
    { code: 'condition', until: NINE + HOUR },
    /until 2027-03-01T10.*"Load" \(completed\)/,
  ],
  [
    'a run under way',
    { run: { underWay: ['a'], underWayCount: 1, beforeCount: 2 } },
    { code: 'behind', heldBy: ['a'], position: 3 },
    /under way.*number 3/,
  ],
  [
    'runs that begin before it',
    { run: { before: ['b'], beforeCount: 1 } },
    { code: 'behind', heldBy: ['b'], position: 2 },
    /begin before it/,
  ],
  ['a scheduler', { nodes: [worker()] }, { code: 'no_scheduler' }, /No scheduler was seen in the last 30 s/],
  ['its dispatch', { job: { isDispatched: false } }, { code: 'dispatching' }, /Temporal/],
  ['a worker', { nodes: [scheduler] }, { code: 'no_worker', pool: 'default' }, /the pool "default"/],
  [
    'a worker of its pool',
    { job: { pool: 'gpu' }, nodes: [scheduler, worker()] },
    { code: 'no_worker', pool: 'gpu' },
    /"gpu"/,
  ],
  ['a place on a worker', { nodes: [scheduler, full, full] }, { code: 'busy', pool: 'default' }, /all 8 places/],
  ['its next attempt', { run: between }, { code: 'retry', until: NINE + HOUR }, /begins at 2027-03-01T10/],
  ['nothing any more', {}, { code: 'starting', pool: 'default' }, /Nothing is in its way/],
];

test.each(situations)('a run waits for %s', (_what, given, expected, sentence) => {
  expect(why(given)).toEqual({ ...expected, sentence: expect.stringMatching(sentence) });
});

test('each code is above', () => {
  expect(new Set(situations.map(([, , { code }]) => code))).toEqual(new Set(waitingCodes));
});

describe('what does not hold it back', () => {
  test.each<[string, Given]>([
    ['the pause of its job, where somebody asked for it', { job: pausedUntil, run: { trigger: 'manual' } }],
    ['a run under way beside which it may run', { run: { isParallel: true, underWay: ['a'], underWayCount: 19 } }],
    ['one busy worker of two', { nodes: [scheduler, full, worker({ running: 3, places: 4 })] }],
    ['a worker that does not tell its load', { nodes: [scheduler, full, worker()] }],
  ])('%s', (_what, given) => {
    expect(why(given)).toMatchObject({ code: 'starting' });
  });

  test('and beside as many as may be, it waits', () => {
    expect(why({ run: { isParallel: true, underWay: ['a'], underWayCount: 20 } })).toMatchObject({ code: 'behind' });
  });
});

describe('a fire that is due and has no row', () => {
  test('waits for a scheduler or a worker', () => {
    expect(why({ fire: {}, nodes: [] })).toMatchObject({ code: 'no_scheduler' });
    expect(why({ fire: {}, nodes: [scheduler] })).toMatchObject({ code: 'no_worker' });
    expect(why({ fire: {} })).toMatchObject({ code: 'starting' });
  });

  const underWay = [{ runId: 'a', trigger: 'schedule' as const }];
  const behind = (sentence: RegExp) => ({
    code: 'behind',
    heldBy: ['a'],
    sentence: expect.stringMatching(sentence),
  });

  test.each(overlapPolicies.filter((overlap) => overlap !== 'allow_all'))(
    'waits for a run that is under way, with the overlap %s',
    (overlap) => {
      const told = behind(new RegExp(`^A run of the job is under way: .*\\(overlap ${overlap}\\)\\.$`));
      expect(why({ job: { overlap }, fire: { underWay } })).toEqual(told);
    },
  );

  test('does not wait for a run beside which it may run', () => {
    expect(why({ job: { overlap: 'allow_all' }, fire: { underWay } })).toMatchObject({ code: 'starting' });
  });

  test('waits for one beside the schedule, or for those caught up, whatever the overlap', () => {
    const byHand = [{ runId: 'a', trigger: 'manual' as const }];
    expect(why({ fire: { underWay: byHand } })).toEqual(behind(/beside the schedule/));
    expect(why({ fire: { underWay, isCaughtUp: true } })).toEqual(behind(/catches up with/));
  });
});

test('an attempt that is due waits for a worker', () => {
  const due = { outcome: 'running', waitUntil: NINE } as const;
  expect(why({ run: due, nodes: [scheduler] })).toMatchObject({ code: 'no_worker' });
  expect(why({ run: due })).toMatchObject({ code: 'starting' });
});

test.each<[string, Partial<JobRecord>]>([
  ['whose next fire is to come', {}],
  ['whose fire came due a moment ago', { next: fireAt(NINE - 900) }],
  ['that is paused', { status: 'paused', next: fireAt(NINE - HOUR) }],
  ['that has ended', { status: 'cancelled', next: fireAt(NINE - HOUR) }],
  ['that follows others, and has no fires', { next: null }],
])('nothing is read to say what a job waits for %s', async (_what, given) => {
  const db = {} as Database;
  const ports = { db, clock: { now: () => NINE } };
  expect(await explainWaitingJob(ports, 'project', jobOf({ status: 'pending', ...given }))).toBeNull();
});

test('a run that is under way, or has ended, does not wait', () => {
  expect(why({ run: { outcome: 'running' } })).toBeNull();
  expect(why({ run: { outcome: 'completed' } })).toBeNull();
});
