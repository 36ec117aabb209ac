import sql from 'sql-template-tag';
import { scheduleOf } from '../../src/commands/index.js';
import { isByHand, type RunTrigger } from '../../src/domain/run.js';
import { firesBetween, type Schedule } from '../../src/schedule/index.js';
import type { JobRecord } from '../../src/store/job-record.js';
import { eventually } from './eventually.js';
import type { TimeTravel } from './time-travel.js';

/** Compares the ledger of a job with what its schedules say, by the rule that each fire is in it once. */
export interface LedgerCheck {
  /** Carries out a change of the job's schedule, and remembers when which one counted. */
  schedules(change: () => Promise<void>): Promise<void>;
  /** What is wrong with the ledger, in words. */
  wrong(): Promise<string[]>;
}

/** A stretch of time in which one schedule counted; its excluded fires count until the change itself. */
interface Stretch {
  schedule: Schedule;
  after: number;
  until: number;
  excludedAfter: number;
  excludedUntil: number;
}

interface Row {
  at: number;
  until: number | null;
  count: number;
  trigger: RunTrigger;
  outcome: string;
  attempts: number;
}

const MOST = 10_000;

export async function ledgerCheck({ scheduler, clock, now }: TimeTravel, jobId: string): Promise<LedgerCheck> {
  const submitted = await scheduler.job(jobId);
  const stretches: Stretch[] = [beginning(submitted, submitted.settledUntil, submitted.settledUntil)];

  async function readRows(): Promise<Row[]> {
    const rows = await scheduler.db.query<Omit<Row, 'at' | 'until'> & { at: Date; until: Date | null }>(
      sql`select scheduled_for as at, scheduled_until as until, fire_count as count, trigger, outcome, attempts
        from runs where job_id = ${jobId}`,
    );
    return rows.map((row) => ({ ...row, at: row.at.getTime(), until: row.until?.getTime() ?? null }));
  }

  return {
    async schedules(change) {
      await change();
      const at = clock.now();
      const job = await scheduler.job(jobId);
      const last = stretches.at(-1);
      if (last) Object.assign(last, { until: job.settledUntil, excludedUntil: at });
      stretches.push(beginning(job, job.settledUntil, at));
    },
    async wrong() {
      await scheduler.allDispatched();
      await eventually(async () => {
        const { status } = await scheduler.job(jobId);
        const open = (await readRows()).filter((row) => canGoOn(row, status === 'paused'));
        if (open.length > 0) throw new Error(`${open.length} runs have not ended`);
      });
      const time = await now();
      await scheduler.settleExcluded();
      const job = await scheduler.job(jobId);
      const rows = await readRows();
      const settled = stretches.flatMap(({ schedule, after, until }) =>
        firesBetween(schedule, after, Math.min(until, job.settledUntil), MOST),
      );
      const excluded = stretches.flatMap(({ schedule, excludedAfter, excludedUntil }) =>
        firesBetween(schedule, excludedAfter, Math.min(excludedUntil, time), MOST, 'excluded'),
      );
      return [...wrongFires(settled, excluded, rows), ...wrongCounts(job, rows), ...wrongNext(job, time)];
    },
  };
}

function canGoOn({ outcome, trigger }: Row, isPaused: boolean): boolean {
  return outcome === 'running' || (outcome === 'waiting' && (!isPaused || isByHand(trigger)));
}

function beginning(job: JobRecord, after: number, excludedAfter: number): Stretch {
  return { schedule: scheduleOf(job), after, until: Infinity, excludedAfter, excludedUntil: Infinity };
}

/** Fires without a row or with two, and rows without a fire. */
function wrongFires(settled: number[], excluded: number[], all: Row[]): string[] {
  const rows = all.filter((row) => row.trigger === 'schedule' || row.trigger === 'backfill');
  const fires = [...new Set([...settled, ...excluded])];
  const isOwn = (row: Row, fire: number) => row.until === null && row.at === fire;
  const rowsOf = (fire: number) => {
    const own = rows.filter((row) => isOwn(row, fire));
    const isExcluded = excluded.includes(fire);
    const summaries = rows.filter(
      ({ at, until, outcome }) =>
        until !== null && at <= fire && fire <= until && (outcome === 'skipped_excluded') === isExcluded,
    );
    // A summary stretches over fires that have since been run by a backfill, and counts them no more.
    return own.length > 0 ? own.length : summaries.length;
  };
  const told = (row: Row) =>
    fires.filter(
      (fire) =>
        row.at <= fire &&
        fire <= (row.until ?? row.at) &&
        (row.until === null || !rows.some((own) => isOwn(own, fire))),
    ).length;
  return [
    ...fires.filter((fire) => rowsOf(fire) !== 1).map((fire) => `${name(fire)} has ${rowsOf(fire)} rows`),
    ...rows
      .filter((row) => row.trigger === 'schedule' && row.outcome !== 'skipped_excluded' && told(row) < row.count)
      .map((row) => `the row of ${name(row.at)} (${row.outcome}) counts ${row.count} fires of ${told(row)}`),
  ];
}

function wrongCounts(job: JobRecord, rows: Row[]): string[] {
  const began = rows.filter((row) => row.attempts > 0).length;
  const onSchedule = rows.filter(
    (row) => row.trigger === 'schedule' && (row.attempts > 0 || row.outcome === 'waiting'),
  ).length;
  return [
    ...(began === job.runCount ? [] : [`${began} runs began, and the job counts ${job.runCount}`]),
    ...(onSchedule === job.scheduleRunCount
      ? []
      : [`${onSchedule} on schedule, and it counts ${job.scheduleRunCount}`]),
  ];
}

/** A job that waits names its next fire. */
function wrongNext(job: JobRecord, time: number): string[] {
  if (job.status !== 'pending' || job.next === null) return [];
  const [next] = firesBetween(scheduleOf(job), job.settledUntil, Infinity, 1);
  return next === job.next.fireAt || job.next.runAt <= time
    ? []
    : [`it waits for ${name(job.next.fireAt)}, and ${name(next ?? 0)} is the next one`];
}

function name(fire: number): string {
  return new Date(fire).toISOString();
}
