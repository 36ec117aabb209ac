import type { ResumeJob } from '../contract/messages.js';
import { isChained } from '../domain/after.js';
import { AppError } from '../domain/errors.js';
import { MAX_CAUGHT_UP, type CatchUp } from '../domain/job.js';
import { statusAfter } from '../domain/status.js';
import { countFires, dueUntil, lastFire, nextFire, type Schedule } from '../schedule/index.js';
import type { JobRecord } from '../store/job-record.js';
import type { JobChange } from '../store/jobs.js';
import { openRunsOf } from '../store/open-runs.js';
import type { Skip } from '../store/skips.js';
import { change } from './change.js';
import { moved } from './decide.js';
import type { Caller, CommandPorts } from './ports.js';
import { scheduleOf } from './schedule-of.js';
import { MAX_SKIP_COUNT, skipsBetween, whilePaused } from './skips.js';
import { fireOf, runsLeft, upcoming } from './upcoming.js';

/** How many fires passed during the pause, and how many of them run now. */
export interface Resumed {
  fires: number;
  caughtUp: number;
}

/** Ends a pause: the schedule goes on, and of the fires that passed meanwhile run those that `catchUp` says. */
export async function resumeJob(
  ports: CommandPorts,
  caller: Caller,
  jobId: string,
  input: ResumeJob,
): Promise<Resumed> {
  let resumed: Resumed = { fires: 0, caughtUp: 0 };
  await change(ports, caller, jobId, async (job, now, tx) => {
    const decision = decideResume(job, input, now, (await openRunsOf(tx, job.id)).length > 0);
    resumed = decision.resumed;
    return decision.change;
  });
  return resumed;
}

/** @param hasOpenRuns whether runs of the job wait or are under way: it does not end before them */
export function decideResume(
  job: JobRecord,
  input: ResumeJob,
  now: number,
  hasOpenRuns: boolean,
): { change: JobChange; resumed: Resumed } {
  let status = moved(job, 'resume');
  const schedule = scheduleOf(job);
  // A one-time job loses nothing by a pause, unless that is asked for.
  const catchUp = input.catchUp ?? (job.type === 'one-time' ? 'last' : 'none');
  const due = dueUntil(schedule, now, job.id);
  const passed = passedFires(schedule, job, due, catchUp);
  const next =
    passed.first === null
      ? upcoming(job, schedule, Math.max(due, job.settledUntil))
      : fireOf(job, schedule, passed.first);

  if (job.runningRuns > 0) status = statusAfter(status, 'begin') ?? status;
  // A one-time job that is not to catch up never runs.
  else if (next === null && !hasOpenRuns && !isChained(job))
    status = statusAfter(status, job.type === 'one-time' ? 'cancel' : 'exhaust') ?? status;
  return {
    change: {
      set: {
        pauseReason: null,
        pauseUntil: null,
        next,
        settledUntil: Math.max(job.settledUntil, ...passed.skips.map((skip) => skip.until ?? skip.fireAt)),
        catchUpUntil: passed.caughtUp > 0 ? due : null,
      },
      status,
      skips: passed.skips,
      event: { type: 'job.resumed', data: { fires: passed.fires, caughtUp: passed.caughtUp } },
    },
    resumed: { fires: passed.fires, caughtUp: passed.caughtUp },
  };
}

/** What becomes of the fires up to `until` that the ledger does not tell of: which is the first to run, which are skipped. */
function passedFires(
  schedule: Schedule,
  job: JobRecord,
  until: number,
  catchUp: CatchUp,
): Resumed & { first: number | null; skips: Skip[] } {
  const after = job.settledUntil;
  const why = whilePaused(job);
  const last = lastFire(schedule, after, until);
  // After the last run that the job may have, no fire was expected.
  if (last === null || runsLeft(job) <= 0) return { first: null, skips: [], fires: 0, caughtUp: 0 };

  const fires = countFires(schedule, after, until, MAX_SKIP_COUNT);
  if (catchUp === 'none') {
    return { first: null, skips: skipsBetween(schedule, after, until, why), fires, caughtUp: 0 };
  }
  if (catchUp === 'last') {
    return { first: last, skips: skipsBetween(schedule, after, last - 1, why), fires, caughtUp: 1 };
  }
  if (fires > MAX_CAUGHT_UP) {
    const message = `would run more than ${MAX_CAUGHT_UP} fires that passed; use last or none`;
    throw new AppError('validation_failed', `catchUp: ${message}`, { problems: [{ pointer: '/catchUp', message }] });
  }
  return { first: nextFire(schedule, after), skips: [], fires, caughtUp: Math.min(fires, runsLeft(job)) };
}
