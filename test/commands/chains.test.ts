import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import sql, { raw } from 'sql-template-tag';
import {
  cancelJob,
  explainJob,
  followUp,
  giveUpWaiting,
  pauseJob,
  resumeJob,
  retryRun,
  triggerJob,
  updateJob,
} from '../../src/commands/index.js';
import type { SubmitJob } from '../../src/contract/messages.js';
import type { RunOutcome } from '../../src/domain/run.js';
import type { Database } from '../../src/store/database.js';
import { endAbandonedRuns } from '../../src/store/dispatches.js';
import { readJob, readJobStanding } from '../../src/store/job-reads.js';
import { commandsBench, NEW_YEAR, type CommandsBench } from '../support/commands-bench.js';
import { insertOpenRun } from '../support/lines.js';
import { insertRun } from '../support/runs.js';

/** What the ends of runs bring about for the jobs that follow. */

let bench: CommandsBench;
beforeAll(async () => {
  bench = await commandsBench();
});
afterAll(() => bench?.close());
beforeEach(async () => {
  bench.now = NEW_YEAR;
  await bench.db.query(sql`truncate follow_ups`);
});

const follower = (followed: string[], given: Partial<SubmitJob> = {}) =>
  bench.submit({ frequency: undefined, after: followed.map((job) => ({ job })), ...given });
/** A run of a job that ended now, a second after whatever was before. */
async function ends(jobId: string, outcome: RunOutcome = 'completed'): Promise<string> {
  bench.now += 1_000;
  const scheduledFor = new Date(bench.now).toISOString();
  const { projectId } = bench.caller;
  const runId = await insertRun(bench.db, { jobId, projectId, scheduledFor, outcome });
  await bench.db.query(sql`insert into follow_ups (project_id, job_id, run_id, outcome, at)
    values (${projectId}, ${jobId}, ${runId}, ${outcome}, ${scheduledFor})`);
  return runId;
}
const setStatus = (jobId: string, status: string) =>
  bench.db.query(sql`update jobs set status = ${status}::job_status, next_run_at = null where id = ${jobId}`);
const setOutcome = (jobId: string, outcome: string) =>
  bench.db.query(sql`update runs set outcome = ${outcome}::run_outcome where job_id = ${jobId}`);
const rows = (jobId: string) =>
  bench.db.query<{ outcome: string; trigger: string; upstream: { runId: string }[] | null }>(
    sql`select outcome, trigger, upstream from runs where job_id = ${jobId} order by id`,
  );
/** Transactions that fail after their first statement of a name. */
const failingAfter =
  (db: Database, statement: string): Database['transaction'] =>
  (work) =>
    db.transaction((tx) =>
      work({
        async query(text, name) {
          const found = await tx.query<never>(text, name);
          if (name === statement) throw new Error('died');
          return found;
        },
      }),
    );
const outcomes = async (jobId: string) => (await rows(jobId)).map((row) => row.outcome);

describe('a one-time job without a schedule', () => {
  test('that is paused when its time comes runs after the pause', async () => {
    const first = await bench.submit();
    const once = await follower([first], { jobType: 'one-time' });
    await pauseJob(bench.ports, bench.caller, once, {});
    await ends(first);
    await followUp(bench.ports);
    expect(await outcomes(once)).toEqual(['waiting']);
    await setStatus(first, 'completed');
    await giveUpWaiting(bench.ports);
    await resumeJob(bench.ports, bench.caller, once, {});
    expect(await outcomes(once)).toEqual(['waiting']);
    expect((await bench.job(once)).status).toBe('pending');
  });

  test('runs after a run by hand that is before it', async () => {
    const first = await bench.submit();
    const once = await follower([first], { jobType: 'one-time' });
    await triggerJob(bench.ports, bench.caller, once, {});
    await ends(first);
    await followUp(bench.ports);
    expect(await outcomes(once)).toEqual(['waiting', 'waiting']);
  });

  test('that is paused when what it follows has ended in vain does not end as if it had run', async () => {
    const first = await bench.submit();
    const once = await follower([first], { jobType: 'one-time' });
    await pauseJob(bench.ports, bench.caller, once, {});
    await setStatus(first, 'failed');
    await giveUpWaiting(bench.ports);
    expect((await bench.job(once)).status).toBe('paused');
    await resumeJob(bench.ports, bench.caller, once, {});
    await giveUpWaiting(bench.ports);
    expect((await bench.job(once)).status).toBe('failed');
  });
});

describe('a job that ended because one that it follows has ended', () => {
  const ended = async (given: Partial<SubmitJob>) => {
    const first = await bench.submit();
    const jobId = await follower([first], given);
    await setStatus(first, 'failed');
    await giveUpWaiting(bench.ports);
    const reason = `The job ${first}, which it follows, has ended, and not as it was to.`;
    return { jobId, reason, standing: await readJobStanding(bench.db, bench.caller.projectId, jobId) };
  };

  test('says so, and explain too', async () => {
    const { jobId, reason, standing } = await ended({});
    expect(standing).toMatchObject({ status: 'completed', endReason: reason, lastRun: null });
    expect(await readJob(bench.db, bench.caller.projectId, jobId)).toMatchObject({ endReason: reason });
    const explained = { code: 'ended', sentence: expect.stringMatching(/^The job is completed since .*/) };
    for (const at of [undefined, bench.now + 1]) {
      const { code, sentence } = await explainJob(bench.ports, bench.caller, jobId, at);
      expect({ code, sentence }).toEqual(explained);
      expect(sentence).toContain(reason);
    }
  });

  test('has the skipped run as its last, where it was to run once', async () => {
    const { jobId, reason, standing } = await ended({ jobType: 'one-time' });
    const lastRun = { outcome: 'skipped_condition', reason };
    expect(standing).toMatchObject({ status: 'failed', endReason: reason, lastRun });
    expect(await readJob(bench.db, bench.caller.projectId, jobId)).toMatchObject({ lastRun });
    expect(await explainJob(bench.ports, bench.caller, jobId, undefined)).toMatchObject({
      code: 'ended',
      run: lastRun,
    });
  });

  test('and one that was cancelled gives no such reason', async () => {
    const jobId = await follower([await bench.submit()]);
    await cancelJob(bench.ports, bench.caller, jobId);
    expect(await readJobStanding(bench.db, bench.caller.projectId, jobId)).toMatchObject({ endReason: null });
  });
});

test('explain finds the run of a chained job in its minute, and says of other instants when the job runs', async () => {
  const first = await bench.submit();
  const second = await follower([first]);
  await ends(first);
  await followUp(bench.ports);
  const minute = Math.floor(bench.now / 60_000) * 60_000;
  for (const at of [bench.now, minute]) {
    expect(await explainJob(bench.ports, bench.caller, second, at)).toMatchObject({
      ...{ code: 'waiting', run: { trigger: 'chain' }, waiting: { code: 'no_scheduler' } },
    });
  }
  expect(await explainJob(bench.ports, bench.caller, second, minute + 60_000)).toMatchObject({
    ...{ code: 'no_fire', sentence: expect.stringContaining(`each time the job ${first} has completed`) },
  });
  expect(await explainJob(bench.ports, bench.caller, second, undefined)).toMatchObject({ code: 'waiting' });
});

test('no more than a hundred runs wait for the run before them', async () => {
  const first = await bench.submit();
  const second = await follower([first], { overlap: 'buffer_all' });
  await insertOpenRun(bench, second, { outcome: 'running', trigger: 'chain' });
  for (let count = 0; count < 102; count += 1) await ends(first);
  await followUp(bench.ports);
  const of = (outcome: string, all: string[]) => all.filter((one) => one === outcome).length;
  const all = await outcomes(second);
  expect([of('waiting', all), of('skipped_overlap', all)]).toEqual([100, 2]);
});

test('a run is followed once, also when another one ended before its end was told', async () => {
  const [left, right] = [await bench.submit(), await bench.submit()];
  const both = await follower([left, right]);
  const first = await ends(left);
  const second = await ends(right);
  // The end of the second is told after a third one has ended.
  await followUp(bench.ports, 1);
  expect(await rows(both)).toMatchObject([{ upstream: [{ runId: first }, { runId: second }] }]);
  const third = await ends(left);
  await followUp(bench.ports);
  expect(await rows(both)).toHaveLength(1);
  await setOutcome(both, 'completed');
  const fourth = await ends(right);
  await followUp(bench.ports);
  expect((await rows(both))[1]).toMatchObject({ upstream: [{ runId: third }, { runId: fourth }] });
});

test('a retry of a run that followed others is told of these, too', async () => {
  const first = await bench.submit();
  const second = await follower([first]);
  const runId = await ends(second, 'failed');
  const upstream = [{ jobId: first, runId: await ends(first) }];
  await bench.db.query(
    sql`update runs set trigger = 'chain', upstream = ${JSON.stringify(upstream)}::jsonb where id = ${runId}`,
  );
  await retryRun(bench.ports, bench.caller, second, runId);
  expect(await rows(second)).toMatchObject([{ upstream }, { trigger: 'retry', upstream }]);
});

test('a job that follows one which was cancelled waits for the end of its run under way', async () => {
  const first = await bench.submit();
  const second = await bench.submit({ frequency: undefined, after: [{ job: first, outcome: 'any' }] });
  await insertOpenRun(bench, first, { outcome: 'running' });
  await cancelJob(bench.ports, bench.caller, first);
  await giveUpWaiting(bench.ports);
  expect((await bench.job(second)).status).toBe('pending');
});

test('a run under way whose job ended, and whose workflow was gone, is followed; one that had not begun is not', async () => {
  const first = await bench.submit();
  const second = await bench.submit({
    frequency: undefined,
    after: [{ job: first, outcome: 'any' }],
    overlap: 'buffer_all',
  });
  const runId = await insertOpenRun(bench, first, { outcome: 'running' });
  await insertOpenRun(bench, first, {});
  await setStatus(first, 'cancelled');
  await endAbandonedRuns(bench.db, [first], bench.now);
  await followUp(bench.ports);
  expect(await outcomes(first)).toEqual(['cancelled', 'cancelled']);
  expect(await rows(second)).toMatchObject([{ outcome: 'waiting', upstream: [{ runId }] }]);
  const finished = await bench.db.query(sql`select 1 from events where job_id = ${first} and type = 'run.finished'`);
  expect(finished).toHaveLength(2);
});

test('what goes wrong with one follower keeps those of others from nothing', async () => {
  const broken = await bench.submit();
  const waits = await bench.submit({ after: [{ job: broken }], waitAtMost: 60_000 });
  await insertOpenRun(bench, waits, { trigger: 'schedule', waitsFor: 'condition' });
  await bench.db.query(sql`update jobs set timezone = 'No/Where' where id = ${waits}`);
  const first = await bench.submit();
  const second = await follower([first]);
  await ends(broken);
  await ends(first);
  for (let round = 0; round < 2; round += 1) await followUp(bench.ports).catch(() => undefined);
  expect(await outcomes(second)).toEqual(['waiting']);
});

test('many jobs that follow one are told of its end once each, some at a time, also by several at once', async () => {
  const first = await bench.submit();
  const followers = await Promise.all(Array.from({ length: 120 }, () => follower([first])));
  await ends(first);
  const told = async () =>
    (await Promise.all(followers.map(rows))).map((runs) => runs.length).filter((count) => count > 0);
  await followUp(bench.ports, 1);
  expect(await told()).toHaveLength(50);
  // The next one dies with its transaction.
  const dies = { ...bench.db, transaction: failingAfter(bench.db, 'lock-followed') };
  await expect(followUp({ ...bench.ports, db: dies }, 1)).rejects.toThrow('died');
  await Promise.all([followUp(bench.ports), followUp(bench.ports)]);
  await followUp(bench.ports);
  expect(await told()).toEqual(followers.map(() => 1));
  expect(await bench.db.query(sql`select 1 from follow_ups`)).toEqual([]);
}, 60_000);

describe('a job with which something is wrong', () => {
  /** A job that cannot be changed. */
  const breakJob = (jobId: string) =>
    bench.db.query(sql`alter table runs add constraint ${raw(`"broken_${jobId}"`)}
      check (job_id <> ${raw(`'${jobId}'`)} or outcome <> 'skipped_condition') not valid`);
  const overdue = async () => {
    const first = await bench.submit();
    const jobId = await bench.submit({ after: [{ job: first }], waitAtMost: 60_000 });
    const runId = await insertOpenRun(bench, jobId, { trigger: 'schedule', waitsFor: 'condition' });
    await bench.db.query(sql`update runs set wait_until = ${new Date(NEW_YEAR)} where id = ${runId}`);
    return jobId;
  };

  test('keeps no other from being given up, and is told', async () => {
    const jobs = [await overdue(), await overdue(), await overdue()];
    for (const jobId of jobs.slice(0, 2)) await breakJob(jobId);
    const first = await bench.submit();
    const second = await follower([first], { jobType: 'one-time' });
    await setStatus(first, 'failed');
    await expect(giveUpWaiting(bench.ports)).rejects.toThrow('2 of 3');
    expect(await outcomes(jobs[2] ?? '')).toEqual(['skipped_condition']);
    expect((await bench.job(second)).status).toBe('failed');
  });
});

test('that there is no circle is found at once, however many ways there are', async () => {
  let layer = [await bench.submit()];
  for (let depth = 0; depth < 12; depth += 1) {
    const above = layer;
    layer = await Promise.all(Array.from({ length: 4 }, () => follower(above)));
  }
  const last = await bench.submit();
  const before = performance.now();
  await updateJob(bench.ports, bench.caller, last, { after: layer.map((job) => ({ job })) });
  expect(performance.now() - before).toBeLessThan(5_000);
}, 60_000);
