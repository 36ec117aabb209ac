import { isChained, type After, type AfterOutcome } from '../domain/after.js';
import type { Problem } from '../domain/errors.js';
import { isFinal } from '../domain/status.js';
import { startOfDay } from '../schedule/index.js';
import { lockChains, newestWanted, pathTo, readStandings } from '../store/chains.js';
import type { Queries } from '../store/database.js';
import type { JobRecord } from '../store/job-record.js';

/** How long a job with a schedule waits for others when it does not say, in milliseconds. */
const DEFAULT_WAIT_MS = 3_600_000;

/** What a request says about the jobs that one follows. */
export interface AfterGiven {
  after?:
    { job: string; outcome?: AfterOutcome | undefined; since?: number | 'midnight' | undefined }[] | null | undefined;
  waitAtMost?: number | null | undefined;
}

/** What a request names as followed, as it is stored, with what is wrong with it. */
export function afterOf(
  { after, waitAtMost }: AfterGiven,
  before: After | null,
  hasSchedule: boolean,
): { after: After | null; problems: Problem[] } {
  const given =
    after === undefined ? (before?.jobs ?? []) : (after ?? []).map(({ job, ...rest }) => ({ jobId: job, ...rest }));
  if (given.length === 0) {
    const problem = { pointer: '/waitAtMost', message: 'needs after: the jobs to wait for' };
    return { after: null, problems: waitAtMost == null ? [] : [problem] };
  }
  const waitAtMostMs = waitAtMost === undefined ? before?.waitAtMostMs : (waitAtMost ?? undefined);
  const jobs = given.map(({ jobId, outcome = 'completed', since }) => ({
    jobId,
    outcome,
    ...(hasSchedule ? { since: since ?? ('midnight' as const) } : {}),
  }));
  if (hasSchedule) return { after: { jobs, waitAtMostMs: waitAtMostMs ?? DEFAULT_WAIT_MS }, problems: [] };
  const noSchedule =
    'is for a job with a schedule: this one runs whenever the jobs that it follows have ended their runs';
  return {
    after: { jobs },
    problems: [
      ...given.flatMap(({ since }, index) =>
        since === undefined ? [] : [{ pointer: `/after/${index}/since`, message: noSchedule }],
      ),
      ...(waitAtMostMs === undefined ? [] : [{ pointer: '/waitAtMost', message: noSchedule }]),
    ],
  };
}

/**
 * What is wrong with the jobs that a job is to follow: there is none of that id, it has ended, or it follows this job
 * itself. What follows what in the project stays as it is until the transaction ends.
 */
export async function followedProblems(
  tx: Queries,
  projectId: string,
  jobId: string | null,
  after: After | null,
): Promise<Problem[]> {
  if (!after) return [];
  await lockChains(tx, projectId);
  const ids = after.jobs.map((job) => job.jobId);
  const standings = await readStandings(tx, projectId, ids);
  const problems = ids.flatMap((id, index) => {
    const pointer = `/after/${index}/job`;
    const standing = standings.get(id);
    if (!standing) return [{ pointer, message: `there is no job ${id} in this project` }];
    return isFinal(standing.status)
      ? [{ pointer, message: `the job ${id} is ${standing.status}: it runs no more` }]
      : [];
  });
  const path = jobId === null ? undefined : await pathTo(tx, projectId, ids, jobId);
  if (path) {
    const way = path.map((name) => JSON.stringify(name)).join(' follows ');
    problems.push({ pointer: '/after', message: `would make a circle: ${way}` });
  }
  return problems;
}

/** From when on a run of a followed job counts for a fire; epoch milliseconds. */
export function countsSince(since: number | 'midnight' | undefined, fireAt: number, timeZone: string): number {
  return typeof since === 'number' ? fireAt - since : startOfDay(fireAt, timeZone);
}

/** The runs that a fire of a job was to wait for, or undefined when one of them is yet to come. */
export async function conditionMet(
  tx: Queries,
  job: Pick<JobRecord, 'after' | 'timezone'>,
  fireAt: number,
): Promise<{ jobId: string; runId: string }[] | undefined> {
  const upstream: { jobId: string; runId: string }[] = [];
  for (const followed of job.after?.jobs ?? []) {
    const runId = await newestWanted(tx, followed, countsSince(followed.since, fireAt, job.timezone));
    if (runId === undefined) return undefined;
    upstream.push({ jobId: followed.jobId, runId });
  }
  return upstream;
}

/** Whether the fires of a job wait for other jobs. */
export function hasCondition(job: Pick<JobRecord, 'after' | 'frequency' | 'executionTime'>): boolean {
  return job.after !== null && !isChained(job);
}

const endings = {
  completed: 'has completed a run',
  failed: 'has failed in a run',
  any: 'has ended a run',
} as const satisfies Record<AfterOutcome, string>;

/** When a job without a schedule runs, in words. */
export function describeChain(after: After): string {
  return `each time ${after.jobs.map(({ jobId, outcome }) => `the job ${jobId} ${endings[outcome]}`).join(' and ')}`;
}
