import { v7 as uuidv7 } from 'uuid';
import type { Backfill } from '../contract/messages.js';
import type { AppError } from '../domain/errors.js';
import { MAX_CAUGHT_UP } from '../domain/job.js';
import { isFinal } from '../domain/status.js';
import { countFires, dueUntil, firesBetween } from '../schedule/index.js';
import { countWaitingBackfill, ranAlready, takeOutOfSummaries } from '../store/backfills.js';
import type { Queries } from '../store/database.js';
import type { JobRecord } from '../store/job-record.js';
import type { JobChange } from '../store/jobs.js';
import { change } from './change.js';
import { conflict } from './decide.js';
import type { Caller, CommandPorts } from './ports.js';
import { scheduleOf } from './schedule-of.js';
import { MAX_SKIP_COUNT } from './skips.js';
import { validationFailed } from './validate.js';

/** How many fires of a stretch run, and how many had run before. */
export interface Backfilled {
  count: number;
  alreadyRan: number;
}

/**
 * Runs the fires of a stretch of the past that have not run: skipped, missed, or from before there was the job. They wait
 * until no fire of the schedule is due. With `dryRun` it only counts.
 */
export async function backfillJob(
  ports: CommandPorts,
  caller: Caller,
  jobId: string,
  input: Backfill,
): Promise<Backfilled> {
  let backfilled: Backfilled = { count: 0, alreadyRan: 0 };
  await change(ports, caller, jobId, async (job, now, tx) => {
    const { fires, alreadyRan } = await firesToFill(tx, job, input, now);
    backfilled = { count: fires.length, alreadyRan };
    return input.dryRun || fires.length === 0 ? null : fill(tx, job, input, fires);
  });
  return backfilled;
}

async function firesToFill(
  tx: Queries,
  job: JobRecord,
  { from, to }: Backfill,
  now: number,
): Promise<{ fires: number[]; alreadyRan: number }> {
  if (job.type === 'one-time') throw conflict(job, 'is a one-time job, which has no other fires');
  if (isFinal(job.status)) throw conflict(job, 'runs no more');
  if (to < from) throw refusal('/to', 'must not be before from');
  if (to > now) throw refusal('/to', 'must not be in the future: fires to come run at their time');
  const schedule = scheduleOf(job);
  // A fire that the job still waits for is none to make up for.
  const until = Math.min(to, dueUntil(schedule, now, job.id), job.next === null ? to : job.next.fireAt - 1);
  const count = countFires(schedule, from - 1, until, MAX_CAUGHT_UP + 1);
  if (count > MAX_CAUGHT_UP) {
    throw refusal('/to', `would run more than ${MAX_CAUGHT_UP} fires: backfill a shorter stretch at a time`);
  }
  const fires = firesBetween(schedule, from - 1, until, MAX_CAUGHT_UP);
  const ran = new Set(await ranAlready(tx, job.id, fires));
  return { fires: fires.filter((fireAt) => !ran.has(fireAt)), alreadyRan: ran.size };
}

async function fill(tx: Queries, job: JobRecord, input: Backfill, fires: readonly number[]): Promise<JobChange> {
  const waiting = await countWaitingBackfill(tx, job.id);
  if (waiting + fires.length > MAX_CAUGHT_UP) {
    throw conflict(
      job,
      `has ${waiting} runs of backfills that wait, and at most ${MAX_CAUGHT_UP} may: ask again when some have run`,
    );
  }
  await takeOutOfSummaries(tx, job.id, fires, MAX_SKIP_COUNT);
  const isParallel = input.overlap === 'allow_all';
  return {
    set: {},
    status: job.status,
    newRuns: fires.map((fireAt) => ({ id: uuidv7(), trigger: 'backfill', fireAt, isParallel })),
    event: {
      type: 'job.backfilled',
      data: { from: new Date(input.from).toISOString(), to: new Date(input.to).toISOString(), count: fires.length },
    },
  };
}

function refusal(pointer: string, message: string): AppError {
  return validationFailed([{ pointer, message }]);
}
