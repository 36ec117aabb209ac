import { nextFire } from '../schedule/index.js';
import type { Clock } from '../platform/clock.js';
import type { Database } from '../store/database.js';
import { settleExcluded, takeJobsToSettle } from '../store/excluded.js';
import { isFinal } from '../domain/status.js';
import { scheduleIfUnderstood } from './schedule-of.js';
import { skipsBetween } from './skips.js';
import { EXCLUDED } from './update-job.js';

/** How many jobs one round looks after. */
const JOBS_A_ROUND = 200;

/**
 * Writes the excluded fires whose time has come into the ledger, for some jobs at a time; answers how many. No run brings
 * these rows along, since none begins.
 */
export async function settleExcludedFires(ports: { db: Database; clock: Pick<Clock, 'now'> }): Promise<number> {
  const now = Math.floor(ports.clock.now());
  return ports.db.transaction(async (tx) => {
    const jobs = await takeJobsToSettle(tx, now, JOBS_A_ROUND);
    for (const job of jobs) {
      const schedule = scheduleIfUnderstood(job);
      const until = isFinal(job.status) ? Math.min(now, job.updatedAt) : now;
      const skips = schedule
        ? skipsBetween(schedule, (job.settleAt ?? now) - 1, until, EXCLUDED, { part: 'excluded' })
        : [];
      const next = schedule && !isFinal(job.status) ? nextFire(schedule, now, 'excluded') : null;
      await settleExcluded(tx, job.id, skips, next, now);
    }
    return jobs.length;
  });
}
