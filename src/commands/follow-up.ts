import { v7 as uuidv7 } from 'uuid';
import { isChained, isWanted, reasonOfEnd } from '../domain/after.js';
import { MAX_WAITING_RUNS } from '../domain/run.js';
import { isFinal, statusAfter } from '../domain/status.js';
import {
  deleteFollowUp,
  followersOf,
  followersOfEnded,
  hasChainRun,
  jobsToGiveUp,
  lastFollowed,
  lockFollowed,
  noteTold,
  newestWanted,
  noteUpstream,
  putLast,
  readStandings,
  runsHeldByCondition,
  runsToGiveUp,
  takeFollowUp,
  type FollowUp,
} from '../store/chains.js';
import type { Queries } from '../store/database.js';
import { toTimestamp } from '../store/instants.js';
import type { JobRecord } from '../store/job-record.js';
import { changeJobIn, type JobChange } from '../store/jobs.js';
import type { NewRun } from '../store/new-runs.js';
import { countWaiting, openRunsOf } from '../store/open-runs.js';
import { renewWish } from '../store/places.js';
import { conditionMet } from './after.js';
import { eachInTurn } from './each-in-turn.js';
import { statusWithout } from './lost-run.js';
import type { CommandPorts } from './ports.js';

type FollowUpPorts = Pick<CommandPorts, 'db' | 'clock' | 'onCommitted'>;

/** How many jobs a round looks at whose followed jobs have ended, or whose runs have waited long enough. */
const JOBS_A_ROUND = 100;
/** How many of the jobs that follow one are told in a transaction: they stay locked until it ends. */
const FOLLOWERS_AT_A_TIME = 50;

/**
 * Does what the ends of runs mean for the jobs that follow, in so many transactions at most, or until nothing is left of
 * it. Each tells some jobs of one end, and notes how far it has come: none is told twice or forgotten, whoever dies.
 */
export async function followUp(ports: FollowUpPorts, atMost = Number.POSITIVE_INFINITY): Promise<void> {
  for (let count = 0; count < atMost; count += 1) {
    if (!(await followOne(ports))) return;
    ports.onCommitted();
  }
}

/** Whether there was an end of a run to follow. */
async function followOne(ports: FollowUpPorts): Promise<boolean> {
  let taken: FollowUp | undefined;
  try {
    return await ports.db.transaction(async (tx) => {
      const ended = await takeFollowUp(tx);
      if (!ended) return false;
      taken = ended;
      await lockFollowed(tx, [ended.jobId]);
      const followers = await followersOf(tx, ended, FOLLOWERS_AT_A_TIME);
      for (const jobId of followers) await tellFollower(ports, tx, jobId, ended);
      const last = followers[FOLLOWERS_AT_A_TIME - 1];
      if (last === undefined) await deleteFollowUp(tx, ended.id);
      else await noteTold(tx, ended.id, last);
      return true;
    });
  } catch (error) {
    if (taken) await putLast(ports.db, taken.id).catch(() => undefined);
    throw error;
  }
}

async function tellFollower(ports: FollowUpPorts, tx: Queries, jobId: string, ended: FollowUp): Promise<void> {
  const { projectId } = ended;
  let held = false;
  await changeJobIn(tx, { projectId, jobId }, 'scheduler', ports.clock, async (job, _now) => {
    held = !isChained(job);
    return held ? null : follow(tx, job, ended);
  });
  if (held) await releaseHeld(ports, tx, { projectId, jobId });
}

/** A job without a schedule: whether the end of a run gives it one to run, and if so, what becomes of that. */
async function follow(tx: Queries, job: JobRecord, ended: FollowUp): Promise<JobChange | null> {
  const wanted = job.after?.jobs.find(({ jobId }) => jobId === ended.jobId);
  if (!wanted || isFinal(job.status) || !isWanted(wanted.outcome, ended.outcome)) return null;
  if (job.type === 'one-time' && (await hasChainRun(tx, job.id))) return null;
  const upstream = await allThatEnded(tx, job, ended);
  if (!upstream) return null;
  const skipped = await whyNot(tx, job);
  const newRun: NewRun = {
    id: uuidv7(),
    trigger: 'chain',
    upstream,
    isParallel: job.overlap === 'allow_all',
    ...(skipped ? { skipped } : {}),
  };
  return { set: {}, status: job.status, newRuns: [newRun], event: { type: 'job.chained', data: { upstream } } };
}

/** The runs that a run follows: of each followed job the newest that ended as wanted since the last time; undefined when one is yet to come. */
async function allThatEnded(tx: Queries, job: JobRecord, ended: FollowUp): Promise<NewRun['upstream']> {
  const upstream = [];
  const jobs = job.after?.jobs ?? [];
  if (jobs.length > 1 && (await wasFollowed(tx, job, ended))) return undefined;
  for (const followed of jobs) {
    const { jobId } = followed;
    const runId = jobId === ended.jobId ? ended.runId : await newestUnused(tx, job, followed);
    if (runId === undefined) return undefined;
    upstream.push({ jobId, runId });
  }
  return upstream;
}

/** Whether a run was followed already when another of the followed jobs ended one, before its own end was told. */
async function wasFollowed(tx: Queries, job: JobRecord, ended: FollowUp): Promise<boolean> {
  const used = await lastFollowed(tx, job.id, ended.jobId);
  return used !== null && ended.at <= used;
}

async function newestUnused(
  tx: Queries,
  job: JobRecord,
  followed: Parameters<typeof newestWanted>[1],
): Promise<string | undefined> {
  const used = await lastFollowed(tx, job.id, followed.jobId);
  // By milliseconds: one that ended in the same one as that counts as used, too.
  return newestWanted(tx, followed, used === null ? job.createdAt : used + 1);
}

/**
 * Why a run that others ask for does not come about: the job is paused, or has runs that it does not let wait. The only run
 * of a one-time job waits for the end of a pause, and for its turn.
 */
async function whyNot(tx: Queries, job: JobRecord): Promise<NewRun['skipped']> {
  if (job.type === 'one-time') return undefined;
  if (job.status === 'paused') return { outcome: 'skipped_paused', reason: 'The job was paused.' };
  const places = { skip: 0, buffer_one: 1, buffer_all: MAX_WAITING_RUNS, cancel_other: 1, allow_all: MAX_WAITING_RUNS };
  if ((await openRunsOf(tx, job.id)).length === 0) return undefined;
  if ((await countWaiting(tx, job.id)) < places[job.overlap]) return undefined;
  return { outcome: 'skipped_overlap', reason: 'The run before it had not ended, and no more runs may wait for it.' };
}

/** A job with a schedule: lets go the runs that waited for what has come by now. */
async function releaseHeld(
  ports: FollowUpPorts,
  tx: Queries,
  { projectId, jobId }: { projectId: string; jobId: string },
): Promise<void> {
  let isReleased = false;
  await changeJobIn(tx, { projectId, jobId }, 'scheduler', ports.clock, async (job) => {
    for (const { runId, fireAt } of await runsHeldByCondition(tx, jobId)) {
      const upstream = await conditionMet(tx, job, fireAt);
      if (!upstream) continue;
      await noteUpstream(tx, runId, upstream);
      isReleased = true;
    }
    return null;
  });
  if (isReleased) await renewWish(tx, jobId, toTimestamp(ports.clock.now()));
}

/** Ends the runs that have waited for other jobs as long as they may, and the jobs that have nothing more to follow. */
export async function giveUpWaiting(ports: FollowUpPorts): Promise<void> {
  await eachInTurn([giveUpAll, endAllDone], (look) => look(ports));
}

async function giveUpAll(ports: FollowUpPorts): Promise<void> {
  const jobs = await jobsToGiveUp(ports.db, ports.clock.now(), JOBS_A_ROUND);
  await eachInTurn(jobs, (which) => giveUpRuns(ports, which));
}

async function endAllDone(ports: FollowUpPorts): Promise<void> {
  await eachInTurn(await followersOfEnded(ports.db, JOBS_A_ROUND), (which) => endIfDone(ports, which));
}

async function giveUpRuns(ports: FollowUpPorts, which: { projectId: string; jobId: string }): Promise<void> {
  await ports.db.transaction((tx) =>
    changeJobIn(tx, which, 'scheduler', ports.clock, async (job, now) => {
      const runs = await runsToGiveUp(tx, job.id, now);
      const [first] = runs;
      if (first === undefined) return null;
      const others = (await openRunsOf(tx, job.id)).filter((run) => !runs.includes(run.id));
      const reason = `It waited for ${named(job)} as long as it may, and that did not come.`;
      return {
        set: {},
        status: statusWithout(job, { trigger: 'schedule', origin: 'schedule' }, others, 'miss'),
        endRuns: runs.map((runId) => ({ runId, outcome: 'skipped_condition', reason })),
        event: { type: 'run.skipped', runId: first, data: { outcome: 'skipped_condition' } },
      };
    }),
  );
  ports.onCommitted();
}

function named({ after }: JobRecord): string {
  const jobs = (after?.jobs ?? []).map(({ jobId, outcome }) => `${jobId} (${outcome})`);
  return `${jobs.length === 1 ? 'the job' : 'the jobs'} ${jobs.join(', ')}`;
}

/** Ends a job without a schedule when one that it follows has ended, and has left nothing that it could follow. */
async function endIfDone(ports: FollowUpPorts, which: { projectId: string; jobId: string }): Promise<void> {
  const changed = await ports.db.transaction((tx) =>
    changeJobIn(tx, which, 'scheduler', ports.clock, async (job) => {
      if (!isChained(job) || isFinal(job.status) || (await openRunsOf(tx, job.id)).length > 0) return null;
      const ended = await firstWithoutMore(tx, job);
      if (ended === undefined) return null;
      const status = statusAfter(job.status, job.type === 'one-time' ? 'miss' : 'exhaust');
      // A one-time job that is paused does not miss its run before the end of the pause.
      if (status === undefined) return null;
      const hasRun = await hasChainRun(tx, job.id);
      const skipped = { outcome: 'skipped_condition', reason: reasonOfEnd(ended) } as const;
      const run: NewRun = { id: uuidv7(), trigger: 'chain', skipped };
      return {
        set: {},
        status,
        newRuns: job.type === 'one-time' && !hasRun ? [run] : [],
        event: { type: 'job.exhausted', data: { followed: ended } },
      };
    }),
  );
  if (changed?.changed) ports.onCommitted();
}

async function firstWithoutMore(tx: Queries, job: JobRecord): Promise<string | undefined> {
  const followed = job.after?.jobs ?? [];
  const standings = await readStandings(
    tx,
    job.projectId,
    followed.map(({ jobId }) => jobId),
  );
  for (const one of followed) {
    const standing = standings.get(one.jobId);
    const isOver = !standing || (isFinal(standing.status) && !standing.hasRunUnderWay);
    if (isOver && (await newestUnused(tx, job, one)) === undefined) return one.jobId;
  }
  return undefined;
}
