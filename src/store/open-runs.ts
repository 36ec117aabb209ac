import sql, { type Sql } from 'sql-template-tag';
import { finalStatuses } from '../domain/status.js';

/**
 * Ends the runs that wait, for a job that has ended: it runs nothing any more. Two CTEs for a statement in which `from`
 * names the job's new row (id, status); they write the runs and, with them, their events.
 */
export function endOfWaitingRuns(from: Sql, at: string): Sql {
  return sql`abandoned as (
      update runs set outcome = 'cancelled', reason = 'The job ended before this run began.',
        finished_at = ${at}::timestamptz
      from ${from} job
      where runs.job_id = job.id and outcome = 'waiting' and job.status = any(${finalStatuses}::job_status[])
      returning runs.id, runs.job_id, runs.project_id
    ), abandoned_events as (
      insert into events (project_id, job_id, run_id, type, at, actor, data)
      select project_id, job_id, id, 'run.finished', ${at}::timestamptz, 'scheduler',
        jsonb_build_object('outcome', 'cancelled') from abandoned
    )`;
}
