import sql, { empty, join, raw, type Sql } from 'sql-template-tag';
import { followedBy } from '../domain/after.js';
import type { CancelRequest, OpenRun, SkipOutcome } from '../domain/run.js';
import { isFinal, type JobStatus } from '../domain/status.js';
import type { Queries, Transactional } from './database.js';
import { insertEvent, type Actor, type EventType } from './events.js';
import { toTimestamp } from './instants.js';
import { toJson } from './json.js';
import { endOfWaitingRuns, endWaitingRuns, openRunsOf, requestCancels } from './open-runs.js';
import {
  jobColumns,
  lockJob,
  nominalOf,
  scheduleColumns,
  toJobRecord,
  type JobRecord,
  type JobRow,
} from './job-record.js';
import { insertRuns, type NewRun } from './new-runs.js';
import { askAnew, placesOfWaiting, type PlaceOwner } from './places.js';
import type { Sealed } from './stored.js';
import { insertSkips, type Skip } from './skips.js';

/** What a change may set. `when` is the frequency with the rest of the schedule: they are stored together. */
type Settable = Partial<
  Pick<
    JobRecord,
    | 'name'
    | 'handler'
    | 'priority'
    | 'tags'
    | 'pool'
    | 'executionTime'
    | 'timezone'
    | 'calendars'
    | 'maxRuns'
    | 'overlap'
    | 'catchUp'
    | 'timeoutMs'
    | 'deadlineMs'
    | 'concurrency'
    | 'after'
    | 'retry'
    | 'pauseReason'
    | 'pauseUntil'
    | 'settledUntil'
    | 'catchUpUntil'
    | 'next'
    | 'settleAt'
  > & { when: Pick<JobRecord, 'frequency' | 'schedule'>; payload: Sealed }
>;

/** The columns that a change sets, with their values as the driver takes them. */
function columnsToSet(set: Settable): [column: string, value: unknown][] {
  const { when, next, catchUp } = set;
  const columns = when && scheduleColumns(when.frequency, when.schedule);
  const values = {
    name: set.name,
    handler: set.handler,
    payload_sealed: set.payload?.sealed,
    // What a release before encryption wrote goes with it.
    payload: set.payload && null,
    priority: set.priority,
    tags: set.tags,
    pool: set.pool,
    execution_time: timestampToSet(set.executionTime),
    timezone: set.timezone,
    frequency: columns?.frequency,
    schedule: columns && toJson(columns.schedule),
    calendar_ids: set.calendars?.map((calendar) => calendar.id),
    max_runs: set.maxRuns,
    overlap: set.overlap,
    catch_up: catchUp?.policy,
    catch_up_window_ms: catchUp?.windowMs,
    timeout_ms: set.timeoutMs,
    deadline_ms: set.deadlineMs,
    concurrency: set.concurrency && toJson(set.concurrency),
    after: set.after && toJson(set.after),
    follows: set.after === undefined ? undefined : followedBy(set.after),
    retry: set.retry && toJson(set.retry),
    pause_reason: set.pauseReason,
    pause_until: timestampToSet(set.pauseUntil),
    settled_until: timestampToSet(set.settledUntil),
    catch_up_until: timestampToSet(set.catchUpUntil),
    next_run_at: next === undefined ? undefined : toTimestamp(next?.runAt ?? null),
    next_fire_at: next === undefined ? undefined : toTimestamp(nominalOf(next)),
    settle_at: timestampToSet(set.settleAt),
  };
  return Object.entries(values).filter(([, value]) => value !== undefined);
}

function timestampToSet(instant: number | null | undefined): string | null | undefined {
  return instant === undefined ? undefined : toTimestamp(instant);
}

/** One accepted change of a job: everything it writes. */
export interface JobChange {
  set: Settable;
  status: JobStatus;
  /** Whether the schedule itself is another one now: claims under the old one are refused. */
  scheduleChanged?: boolean;
  /** Fires that will not run, to be written into the ledger. */
  skips?: Skip[];
  /** Runs asked for. */
  newRuns?: NewRun[];
  /** Runs under way that are to be cancelled. */
  stopRuns?: { runId: string; request: CancelRequest }[];
  /** Runs that wait, and end without having begun. */
  endRuns?: { runId: string; outcome: SkipOutcome; reason: string }[];
  event: { type: EventType; runId?: string; data?: Record<string, unknown> };
  /** The change comes from the job's own workflow, which learns of it by the answer: nothing is left to dispatch. */
  alreadyObserved?: boolean;
}

/** What a change left behind; `changed` is false when there was nothing to change. */
export interface ChangedJob {
  job: JobRecord;
  changed: boolean;
  openRuns: OpenRun[];
  /** Places that runs had which end, or ask anew, without having begun: to be given on once the change has committed. */
  freed?: PlaceOwner[];
}

/** Decides about a locked job what to write (null: nothing); `tx` is for what else it has to know. */
export type Decide = (job: JobRecord, now: number, tx: Queries) => JobChange | null | Promise<JobChange | null>;

/**
 * Changes a job in one transaction: locks its row, asks `decide` what to write, and writes it as the next generation.
 * Undefined when the project has no such job; what `decide` throws changes nothing.
 */
export async function changeJob(
  db: Transactional,
  which: { projectId: string; jobId: string },
  actor: Actor,
  clock: { now(): number },
  decide: Decide,
): Promise<ChangedJob | undefined> {
  return db.transaction((tx) => changeJobIn(tx, which, actor, clock, decide));
}

/** `changeJob` as a part of a transaction. */
export async function changeJobIn(
  tx: Queries,
  which: { projectId: string; jobId: string },
  actor: Actor,
  clock: { now(): number },
  decide: Decide,
): Promise<ChangedJob | undefined> {
  const before = await lockJob(tx, which.projectId, which.jobId);
  if (!before) return undefined;
  // The time is read under the lock: a change that had to wait must not decide by an earlier time than the one before it.
  const at = Math.floor(clock.now());
  const change = await decide(before, at, tx);
  if (!change) return { job: before, changed: false, openRuns: await openRunsOf(tx, before.id) };

  const isToAskAnew = mustAskAnew(before, change);
  const mayFree = holdsPlaces(before) && (isToAskAnew || change.endRuns?.length || isFinal(change.status));
  const freed = mayFree ? await placesOfWaiting(tx, { projectId: before.projectId, jobId: before.id }) : [];
  if (change.skips?.length) await insertSkips(tx, before.id, change.skips, at);
  const runIds = change.newRuns?.length ? await insertRuns(tx, before, change.newRuns, at) : [];
  if (isToAskAnew) await askAnew(tx, before.id);
  if (change.stopRuns?.length) await requestCancels(tx, before.id, change.stopRuns);
  if (change.endRuns?.length) await endWaitingRuns(tx, before.id, change.endRuns, at);
  const [after] = await tx.query<JobRow>(updateStatement(before, change, at));
  if (isFinal(change.status)) {
    const ended = sql`(select id, status from jobs where id = ${before.id})`;
    await tx.query(sql`with ${endOfWaitingRuns(ended, toTimestamp(at))} select`);
  }
  await tx.query(
    insertEvent({
      ...change.event,
      projectId: before.projectId,
      jobId: before.id,
      runId: change.event.runId ?? (runIds.length === 1 ? runIds[0] : undefined),
      at,
      actor,
    }),
  );
  if (!after) throw new Error(`job ${before.id} went away while its row was locked`);
  return { job: toJobRecord(after), changed: true, openRuns: await openRunsOf(tx, before.id), freed };
}

/** A pause gives back the places of what has not begun, and other terms are asked for anew. */
function mustAskAnew(before: JobRecord, { status, set }: JobChange): boolean {
  return (
    (holdsPlaces(before) || before.after !== null) &&
    (set.concurrency !== undefined || set.after !== undefined || (status === 'paused' && before.status !== 'paused'))
  );
}

function holdsPlaces({ concurrency, projectLimit }: JobRecord): boolean {
  return concurrency !== null || projectLimit !== null;
}

function updateStatement(before: JobRecord, change: JobChange, at: number): Sql {
  const generation = before.generation + 1;
  const columns = columnsToSet(change.set).map(([column, value]) => sql`${raw(column)} = ${value}, `);
  return sql`update jobs set ${columns.length > 0 ? join(columns, '') : empty}
      generation = ${generation},
      schedule_generation = ${change.scheduleChanged ? generation : before.scheduleGeneration},
      observed_generation = case when ${change.alreadyObserved ?? false} then ${generation} else observed_generation end,
      dispatch_after = ${toTimestamp(at)},
      status = ${change.status},
      status_number = status_number + 1,
      updated_at = ${toTimestamp(at)}
    where id = ${before.id} returning ${jobColumns()}`;
}
