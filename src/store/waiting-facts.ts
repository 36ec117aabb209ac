/** What there is to know of a run that has not begun: what may be in its way. */
import sql, { join } from 'sql-template-tag';
import { isWanted, type After, type AfterJob } from '../domain/after.js';
import type { Concurrency } from '../domain/concurrency.js';
import type { OverlapPolicy } from '../domain/job.js';
import type { RunOutcome, RunTrigger, WaitReason } from '../domain/run.js';
import type { JobStatus } from '../domain/status.js';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';
import { limitOfProject } from './job-record.js';
import { countOfPlaces } from './places.js';

/** How many of the runs are named that another one waits for. */
const NAMED_AT_MOST = 10;

/** A process that lives, with as much of its load as it tells. */
export interface LiveNode {
  role: string;
  pools: string[];
  load: { running?: number; places?: number };
}

/** Instants are epoch milliseconds. */
export interface WaitingFacts {
  job: {
    status: JobStatus;
    pauseReason: string | null;
    pauseUntil: number | null;
    /** Whether its newest wish is with Temporal. */
    isDispatched: boolean;
    pool: string;
    overlap: OverlapPolicy;
    concurrency: Concurrency | null;
    projectLimit: number | null;
    after: After | null;
    timeZone: string;
  };
  /** Null for a fire that has no row yet. */
  run: {
    outcome: RunOutcome;
    trigger: RunTrigger;
    scheduledFor: number;
    isParallel: boolean;
    waitsFor: WaitReason | null;
    /** Until when it waits at most; between two attempts, when the next one begins. */
    waitUntil: number | null;
    concurrencyKey: string | null;
    /** The runs that hold the places of the key for which it waits: the oldest of them. */
    holders: string[];
    /** How many places are to be given before it gets one. */
    aheadInLine: number;
    /** The runs of its job that are to end before it begins, and are under way: the oldest of them, and how many. */
    underWay: string[];
    underWayCount: number;
    /** Those of its job that wait, and begin before it: the first of them, and how many. */
    before: string[];
    beforeCount: number;
  } | null;
  /** A fire that has no row yet; null where a run is asked about. */
  fire: {
    /** Whether it is to run however late it is. */
    isCaughtUp: boolean;
    /** The runs of its job that are under way, but for those beside which others may run. */
    underWay: { runId: string; trigger: RunTrigger }[];
  } | null;
  nodes: LiveNode[];
}

/**
 * What is asked about, of a job: one of its runs; of those that wait the first; or a fire (epoch milliseconds) that has no
 * row yet.
 */
export type AskedAbout = { runId: string } | { run: 'first' } | { fireAt: number };

interface Row extends Omit<WaitingFacts['job'], 'pauseUntil'> {
  pauseUntil: Date | null;
  run:
    | (Omit<NonNullable<WaitingFacts['run']>, 'scheduledFor' | 'waitUntil'> & Record<'at' | 'until', string | null>)
    | null;
  fire: WaitingFacts['fire'];
  nodes: LiveNode[];
}

/** Reads all in one statement. `seenSince` tells which nodes live. */
export async function readWaitingFacts(
  db: Queries,
  { projectId, jobId, ...asked }: { projectId: string; jobId: string } & AskedAbout,
  seenSince: number,
): Promise<WaitingFacts | undefined> {
  const runId = 'runId' in asked ? asked.runId : null;
  const fireAt = 'fireAt' in asked ? toTimestamp(asked.fireAt) : null;
  const [row] = await db.query<Row>(
    sql`with job as (
      select * from jobs where id = ${jobId} and project_id = ${projectId}
    ), run as (
      select * from runs where job_id = ${jobId} and project_id = ${projectId} and id = case
        when ${'run' in asked} then (select id from runs where job_id = ${jobId} and outcome = 'waiting' order by id limit 1)
        else ${runId}::uuid end
    ), line as (
      select ${countOfPlaces('o')}::int as ahead from run join runs o on o.project_id = run.project_id
      where o.outcome = 'waiting' and o.waits_for = run.waits_for and o.id < run.id
        and (run.waits_for = 'project' or run.waits_for = 'concurrency' and o.concurrency_key = run.concurrency_key)
    ), holders as (
      select o.id from run join runs o on o.project_id = run.project_id and o.concurrency_key = run.concurrency_key
      where run.waits_for = 'concurrency' and o.outcome in ('waiting', 'running') and o.id <> run.id
        and (o.outcome = 'running' or o.admitted or o.waits_for = 'project')
      order by o.id limit ${NAMED_AT_MOST}
    ), others as (
      select o.id, o.outcome, row_number() over (partition by o.outcome order by o.id) as place
      from run join job on job.id = run.job_id join runs o on o.job_id = run.job_id
      where o.outcome in ('waiting', 'running') and o.id <> run.id and o.parallel = run.parallel
        -- A pause holds back what waits, but for what somebody asked for.
        and (o.outcome = 'running' or o.waits_for is null and (job.status <> 'paused' or o.trigger in ('manual', 'retry')))
        -- A backfill lets everything else go first.
        and (o.outcome = 'running' or case
          when run.trigger = 'backfill' and o.trigger = 'backfill' then (o.scheduled_for, o.id) < (run.scheduled_for, run.id)
          when run.trigger = 'backfill' then true
          else o.trigger <> 'backfill' and o.id < run.id end)
    )
    select job.status, job.pause_reason as "pauseReason", job.pause_until as "pauseUntil",
      job.observed_generation >= job.generation as "isDispatched", job.pool, job.overlap, job.concurrency, job.after,
      job.timezone as "timeZone", ${limitOfProject('job')} as "projectLimit",
      (select jsonb_build_object(${join(
        [
          sql`'outcome', run.outcome, 'trigger', run.trigger, 'at', run.scheduled_for, 'isParallel', run.parallel`,
          sql`'waitsFor', run.waits_for, 'until', run.wait_until, 'concurrencyKey', run.concurrency_key`,
          sql`'holders', (select coalesce(jsonb_agg(id), '[]') from holders), 'aheadInLine', (select ahead from line)`,
          ...(['running', 'waiting'] as const).map((outcome) => {
            const name = outcome === 'running' ? 'underWay' : 'before';
            const of = sql`from others where outcome = ${outcome}::run_outcome`;
            return sql`${name}::text, (select coalesce(jsonb_agg(id order by place), '[]') ${of} and place <= ${NAMED_AT_MOST}),
              ${`${name}Count`}::text, (select count(*) ${of})`;
          }),
        ],
        ', ',
      )}) from run) as run,
      case when ${fireAt}::timestamptz is not null then jsonb_build_object(
        'isCaughtUp', coalesce(${fireAt}::timestamptz <= job.catch_up_until, false),
        'underWay', (select coalesce(jsonb_agg(jsonb_build_object('runId', o.id, 'trigger', o.trigger) order by o.id), '[]')
          from runs o where o.job_id = job.id and o.outcome = 'running' and not o.parallel)) end as fire,
      (select coalesce(jsonb_agg(jsonb_build_object('role', role, 'pools', pools, 'load', load)), '[]') from nodes
        where last_seen_at >= ${toTimestamp(seenSince)}::timestamptz) as nodes
    from job`,
    'waiting-facts',
  );
  if (!row) return undefined;
  const { nodes, run, fire, pauseUntil, ...job } = row;
  const instantOf = (text: string | null) => (text === null ? null : Date.parse(text));
  if (!run) return { job: { ...job, pauseUntil: pauseUntil?.getTime() ?? null }, run, fire, nodes };
  const { at, until, ...rest } = run;
  return {
    job: { ...job, pauseUntil: pauseUntil?.getTime() ?? null },
    run: { ...rest, scheduledFor: instantOf(at) ?? 0, waitUntil: instantOf(until) },
    fire,
    nodes,
  };
}

/** Of the jobs that a fire waits for, those that have not run as they were to since; `since` in epoch milliseconds. */
export async function readUnmet(
  db: Queries,
  projectId: string,
  followed: readonly (Pick<AfterJob, 'jobId' | 'outcome'> & { since: number })[],
): Promise<{ name: string; outcome: AfterJob['outcome'] }[]> {
  const began = ['completed', 'failed', 'timed_out', 'cancelled'] as const;
  const wanted = followed.map(({ jobId, outcome, since }) => ({
    jobId,
    outcome,
    since: toTimestamp(since),
    outcomes: began.filter((one) => isWanted(outcome, one)),
  }));
  return db.query<{ name: string; outcome: AfterJob['outcome'] }>(
    sql`select jobs.name, f.outcome
      from jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) as f("jobId" uuid, outcome text, since timestamptz, outcomes text[])
      join jobs on jobs.id = f."jobId" and jobs.project_id = ${projectId}
      where not exists (select 1 from runs where runs.job_id = f."jobId" and runs.outcome::text = any(f.outcomes)
        and attempts > 0 and finished_at >= f.since)
      order by jobs.name`,
  );
}
