import { v7 as uuidv7 } from 'uuid';
import { dueUntil, firesBetween, isExcluded, type Schedule } from '../schedule/index.js';
import type { JobRecord } from '../store/job-record.js';
import type { Skip } from '../store/skips.js';
import { scheduleOf } from './schedule-of.js';
import { excludedBetween, skipsBetween, whilePaused, whyExcluded } from './skips.js';
import { runsLeft } from './upcoming.js';

/**
 * Where `after` takes over from the job's schedule at `now`, and the fires of the old one that give way: those that are due
 * and have not begun, and one that is put off, unless `after` puts it off, too.
 */
export function takeOver(job: JobRecord, after: Schedule, now: number): { settledUntil: number; skips: Skip[] } {
  const before = scheduleOf(job);
  const due = dueUntil(before, now, job.id);
  const [putOff] = firesBetween(before, Math.max(due, job.settledUntil), now, 1);
  const isKept = putOff !== undefined && dueUntil(after, now, job.id) === putOff - 1;
  const settledUntil = Math.max(job.settledUntil, isKept ? putOff - 1 : now);
  // After the last run that the job may have, no fire was expected.
  if (runsLeft(job) <= 0) return { settledUntil, skips: [] };
  const skips = skipsBetween(before, job.settledUntil, due, gaveWay(job));
  if (putOff !== undefined && !isKept) skips.push({ runId: uuidv7(), fireAt: putOff, ...whyLost(putOff, after) });
  return { settledUntil, skips };
}

function whyLost(fire: number, after: Schedule): Pick<Skip, 'outcome' | 'reason'> {
  return isExcluded(after, fire) ? whyExcluded(after, fire) : UPDATED;
}

/** The excluded fires of the old schedule that the ledger does not tell of yet. */
export function excludedFires(job: JobRecord, now: number): Skip[] {
  return job.settleAt === null ? [] : excludedBetween(scheduleOf(job), job.settleAt - 1, now);
}

function gaveWay(job: JobRecord): Pick<Skip, 'outcome' | 'reason'> {
  if (job.status === 'paused') return whilePaused(job);
  if (job.status === 'running') return { outcome: 'skipped_overlap', reason: 'The run before it had not ended.' };
  return UPDATED;
}

const UPDATED = { outcome: 'missed', reason: 'The job was updated before this run could begin.' } as const;
