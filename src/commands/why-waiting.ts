import type { WaitingAnswer } from '../contract/answers.js';
import type { AfterJob } from '../domain/after.js';
import { isByHand, MAX_PARALLEL_RUNS } from '../domain/run.js';
import type { OverlapPolicy } from '../domain/job.js';
import { localText } from '../schedule/index.js';
import type { JobRecord } from '../store/job-record.js';
import type { RunRecord } from '../store/run-reads.js';
import { readUnmet, readWaitingFacts, type AskedAbout, type WaitingFacts } from '../store/waiting-facts.js';
import { countsSince } from './after.js';
import type { CommandPorts } from './ports.js';

/** Why a run has not begun. `until` in epoch milliseconds. */
export interface Waiting {
  code: WaitingAnswer['code'];
  sentence: string;
  /** The runs that have to end first; of many the oldest. */
  heldBy?: string[];
  /** Its place among those that wait for the same, from 1 on. */
  position?: number;
  until?: number;
  pool?: string;
}

/** A fire that begins within so many milliseconds of its time is on time: nobody asks what it waits for. */
const ON_TIME_WITHIN_MS = 1_000;

/** A process that was not seen for so long is held to be gone, in milliseconds. */
const SEEN_WITHIN_MS = 30_000;

/** The jobs, by name, whose runs a fire still waits for. */
type Unmet = readonly { name: string; outcome: AfterJob['outcome'] }[];

type ReadPorts = Pick<CommandPorts, 'db' | 'clock'>;

/** Why a run has not begun, or its next attempt; null when it does not wait. */
export async function explainWaitingRun(
  ports: ReadPorts,
  projectId: string,
  { id: runId, jobId, outcome, waitUntil }: Pick<RunRecord, 'id' | 'jobId' | 'outcome' | 'waitUntil'>,
): Promise<Waiting | null> {
  const mayWait = outcome === 'waiting' || (outcome === 'running' && waitUntil !== null);
  return mayWait ? explainWaiting(ports, { projectId, jobId, runId }) : null;
}

/** Why a fire (epoch milliseconds) has not begun that is due, and has no row in the ledger yet. */
export async function explainWaitingFire(
  ports: ReadPorts,
  of: { projectId: string; jobId: string; fireAt: number },
): Promise<Waiting | null> {
  return explainWaiting(ports, of);
}

/**
 * Why nothing of a job has begun though something is due: its next fire, or the last run that it has to come; null where
 * nothing is. That is decided from the job's row: only where something is due is anything read. Other runs that wait, such
 * as those asked for by hand, are not looked for.
 */
export async function explainWaitingJob(
  ports: ReadPorts,
  projectId: string,
  { id: jobId, status, next, executionTime }: Pick<JobRecord, 'id' | 'status' | 'next' | 'executionTime'>,
): Promise<Waiting | null> {
  if (status !== 'pending' && status !== 'running') return null;
  if (next !== null) {
    const isDue = next.runAt + ON_TIME_WITHIN_MS <= ports.clock.now();
    return isDue ? explainWaiting(ports, { projectId, jobId, fireAt: next.fireAt }) : null;
  }
  // It has not ended, and no fire is to come: its last one was claimed, and waits. One that follows others never has a fire.
  const isClaimed = status === 'pending' && executionTime !== null;
  return isClaimed ? explainWaiting(ports, { projectId, jobId, run: 'first' }) : null;
}

async function explainWaiting(
  { db, clock }: ReadPorts,
  of: { projectId: string; jobId: string } & AskedAbout,
): Promise<Waiting | null> {
  const now = clock.now();
  const facts = await readWaitingFacts(db, of, now - SEEN_WITHIN_MS);
  // What waited has begun since, or the job is gone.
  if (!facts || (facts.run === null && facts.fire === null)) return null;
  return whyWaiting(facts, await unmetOf(db, of.projectId, facts), now);
}

async function unmetOf(db: CommandPorts['db'], projectId: string, { job, run }: WaitingFacts): Promise<Unmet> {
  if (run?.waitsFor !== 'condition') return [];
  const followed = (job.after?.jobs ?? []).map(({ jobId, outcome, since }) => ({
    jobId,
    outcome,
    since: countsSince(since, run.scheduledFor, job.timeZone),
  }));
  return readUnmet(db, projectId, followed);
}

/** Decides what is in the way of a run: the first thing that has to change before it can begin. */
export function whyWaiting(facts: WaitingFacts, unmet: Unmet, now: number): Waiting | null {
  const { run } = facts;
  if (run?.outcome === 'running') {
    return run.waitUntil === null ? null : (nextAttempt(facts, run.waitUntil, now) ?? whichWorker(facts));
  }
  if (run !== null && run.outcome !== 'waiting') return null;
  return (
    pause(facts) ??
    place(facts) ??
    condition(facts, unmet) ??
    turn(facts) ??
    turnOfFire(facts) ??
    whichScheduler(facts) ??
    whichWorker(facts)
  );
}

function nextAttempt({ job }: WaitingFacts, until: number, now: number): Waiting | undefined {
  if (until <= now) return undefined;
  const sentence = `Its last attempt failed, and the next one begins at ${localText(until, job.timeZone)}.`;
  return { code: 'retry', sentence, until };
}

function pause({ job, run }: WaitingFacts): Waiting | undefined {
  const { status, pauseReason, pauseUntil, timeZone } = job;
  if (status !== 'paused' || (run !== null && isByHand(run.trigger))) return undefined;
  const why = pauseReason === null ? '' : ` (${pauseReason})`;
  const until = pauseUntil === null ? 'until it is resumed' : `until ${localText(pauseUntil, timeZone)}`;
  return {
    code: 'paused',
    sentence: `The job is paused${why} ${until}.`,
    ...(pauseUntil === null ? {} : { until: pauseUntil }),
  };
}

function place({ job, run }: WaitingFacts): Waiting | undefined {
  if (run?.waitsFor !== 'concurrency' && run?.waitsFor !== 'project') return undefined;
  const position = run.aheadInLine + 1;
  const inLine = `It is number ${position} in the line.`;
  if (run.waitsFor === 'project') {
    const sentence = `The project may have ${runs(job.projectLimit)} under way at once, and has as many. ${inLine}`;
    return { code: 'project_limit', sentence, position };
  }
  const key = JSON.stringify(run.concurrencyKey);
  const sentence = `The key ${key} may have ${runs(job.concurrency?.limit)} under way at once, and has as many. ${inLine}`;
  return { code: 'concurrency', sentence, position, heldBy: run.holders };
}

function runs(limit: number | null | undefined): string {
  return limit == null ? 'so many runs' : limit === 1 ? '1 run' : `${limit} runs`;
}

function condition({ job, run }: WaitingFacts, unmet: Unmet): Waiting | undefined {
  if (run?.waitsFor !== 'condition') return undefined;
  const { waitUntil } = run;
  const until = waitUntil === null ? '' : ` until ${localText(waitUntil, job.timeZone)} at most`;
  const which = unmet.map(({ name, outcome }) => `${JSON.stringify(name)} (${outcome})`).join(', ');
  return {
    code: 'condition',
    // They may have run this very moment.
    sentence: `It waits${until} for the jobs that it follows${which === '' ? '' : `: for a run of ${which}`}.`,
    ...(waitUntil === null ? {} : { until: waitUntil }),
  };
}

/** Its turn among the runs of its job. One beside others has to wait only where there are as many as may be. */
function turn({ run }: WaitingFacts): Waiting | undefined {
  if (run === null) return undefined;
  const { isParallel, underWay, underWayCount, before, beforeCount } = run;
  const position = beforeCount + 1;
  const inLine = `It is number ${position} of those that wait.`;
  if (isParallel ? underWayCount >= MAX_PARALLEL_RUNS : underWayCount > 0) {
    const what = isParallel ? `${underWayCount} runs of the job are` : 'Another run of the job is';
    return { code: 'behind', sentence: `${what} under way. ${inLine}`, heldBy: underWay, position };
  }
  if (isParallel || beforeCount === 0) return undefined;
  return { code: 'behind', sentence: `Other runs of the job begin before it. ${inLine}`, heldBy: before, position };
}

/** What becomes of a fire that comes due while a run of its job is under way; undefined where it begins beside that. */
const atOverlap = {
  skip: 'it is skipped, which the ledger tells when that run ends',
  buffer_one: 'it waits for its end, if it is the first to wait',
  buffer_all: 'it waits for its end',
  cancel_other: 'that run is being cancelled',
  allow_all: undefined,
} as const satisfies Record<OverlapPolicy, string | undefined>;

function turnOfFire({ job: { overlap }, fire }: WaitingFacts): Waiting | undefined {
  const [first] = fire?.underWay ?? [];
  if (!fire || !first) return undefined;
  const heldBy = fire.underWay.map((run) => run.runId);
  if (first.trigger !== 'schedule') {
    const sentence = 'A run beside the schedule is under way: it runs when that has ended.';
    return { code: 'behind', sentence, heldBy };
  }
  if (fire.isCaughtUp) {
    const sentence = 'The runs that the job catches up with are under way: it is one of them.';
    return { code: 'behind', sentence, heldBy };
  }
  const becomes = atOverlap[overlap];
  const sentence = `A run of the job is under way: ${becomes} (overlap ${overlap}).`;
  return becomes === undefined ? undefined : { code: 'behind', sentence, heldBy };
}

function whichScheduler({ job, nodes }: WaitingFacts): Waiting | undefined {
  if (!nodes.some((node) => node.role !== 'executor')) {
    const sentence = `No scheduler was seen in the last ${SEEN_WITHIN_MS / 1_000} s: nothing begins without one.`;
    return { code: 'no_scheduler', sentence };
  }
  if (job.isDispatched) return undefined;
  return { code: 'dispatching', sentence: 'It is accepted, and Temporal is yet to be told of it.' };
}

function whichWorker({ job: { pool }, nodes }: WaitingFacts): Waiting {
  const workers = nodes.filter((node) => node.role !== 'scheduler' && node.pools.includes(pool));
  if (workers.length === 0) {
    const sentence = `No worker of the pool ${JSON.stringify(pool)} was seen in the last ${SEEN_WITHIN_MS / 1_000} s.`;
    return { code: 'no_worker', sentence, pool };
  }
  if (workers.every(isFull)) {
    const places = workers.reduce((sum, { load }) => sum + (load.places ?? 0), 0);
    const sentence = `The workers of the pool ${JSON.stringify(pool)} are busy: all ${places} places are taken.`;
    return { code: 'busy', sentence, pool };
  }
  return { code: 'starting', sentence: 'Nothing is in its way: it is about to begin.', pool };
}

/** What does not tell its load is not full, as far as anybody knows. */
function isFull({ load: { running, places } }: WaitingFacts['nodes'][number]): boolean {
  return running !== undefined && places !== undefined && running >= places;
}
