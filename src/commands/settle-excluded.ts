import type { CommandPorts } from './ports.js';
import { settleExcluded, takeJobsToSettle } from '../store/excluded.js';
import { isFinal } from '../domain/status.js';
import { scheduleIfUnderstood } from './schedule-of.js';
import { settleAtAfter } from './settle-at.js';
import { excludedBetween } from './skips.js';

/** How many jobs one transaction holds. */
const JOBS_AT_ONCE = 50;

/** Writes the excluded fires whose time has come into the ledger. No run brings these rows along, since none begins. */
export async function settleExcludedFires(ports: Pick<CommandPorts, 'db' | 'clock'>): Promise<void> {
  while ((await settleSome(ports)) === JOBS_AT_ONCE);
}

async function settleSome(ports: Pick<CommandPorts, 'db' | 'clock'>): Promise<number> {
  const now = Math.floor(ports.clock.now());
  return ports.db.transaction(async (tx) => {
    const jobs = await takeJobsToSettle(tx, now, JOBS_AT_ONCE);
    for (const job of jobs) {
      const schedule = scheduleIfUnderstood(job);
      const until = isFinal(job.status) ? Math.min(now, job.updatedAt) : now;
      const skips = schedule ? excludedBetween(schedule, (job.settleAt ?? now) - 1, until) : [];
      const next = schedule && !isFinal(job.status) ? settleAtAfter(schedule, now) : null;
      await settleExcluded(tx, job.id, skips, next, now);
    }
    return jobs.length;
  });
}
