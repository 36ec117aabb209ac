import { v7 as uuidv7 } from 'uuid';
import { isChained } from '../domain/after.js';
import { MAX_WAITING_RUNS, type FinalOutcome, type RunTrigger } from '../domain/run.js';
import type { Fire } from '../domain/job.js';
import type { StatusMove } from '../domain/status.js';
import { dueUntil, firesBetween, lastFire, type Schedule } from '../schedule/index.js';
import type { JobRecord } from '../store/job-record.js';
import type { BufferedFire } from '../store/run-end.js';
import type { Skip } from '../store/skips.js';
import { scheduleIfUnderstood } from './schedule-of.js';
import { skipsBetween } from './skips.js';
import { fireOf, runsLeft, upcoming } from './upcoming.js';

/** What the end of a run means for its job. */
export interface Following {
  move: StatusMove;
  next: Fire | null;
  skips: Skip[];
  buffered: BufferedFire[];
}

/** A run that has ended, as far as its job is concerned. */
export interface EndedRun {
  outcome: FinalOutcome;
  trigger: RunTrigger;
  /** The trigger of the first run that it does again, where it is a retry. */
  origin?: RunTrigger;
  /** Whether other runs of the job have not ended. */
  othersAreOpen: boolean;
  /** How many fires of the job wait for their turn already. */
  buffered: number;
}

/** Decides what follows when a run of `job` has ended at `now`. */
export function whatFollows(job: JobRecord, run: EndedRun, now: number): Following {
  const { outcome, trigger } = run;
  if (isItsOnlyRun(job, run)) {
    const move = outcome === 'completed' ? 'succeed' : outcome === 'cancelled' ? 'cancel' : 'fail';
    return { move, next: null, skips: [], buffered: [] };
  }
  // Whether there is more to come is for the jobs that it follows to say.
  if (isChained(job)) return { move: 'settle', next: null, skips: [], buffered: [] };
  // A run beside the schedule leaves it as it is, and no fire is lost to it; the fires of a pause are settled when it ends.
  if ((trigger !== 'schedule' && job.next !== null) || job.status !== 'running') {
    return { move: 'settle', next: job.next, skips: [], buffered: [] };
  }

  const schedule = scheduleIfUnderstood(job);
  if (!schedule) return { move: 'fail', next: null, skips: [], buffered: [] };
  const passed = passOverlapped(schedule, job, run.buffered, now);
  const isOver = passed.next === null && !run.othersAreOpen && passed.buffered.length === 0;
  return { move: isOver ? 'exhaust' : 'settle', ...passed };
}

/** Whether it is a one-time job's only run, as whose end the job ends: that of its fire, or the one that does this again. */
export function isItsOnlyRun(
  job: JobRecord,
  { trigger, origin, othersAreOpen }: Pick<EndedRun, 'trigger' | 'origin' | 'othersAreOpen'>,
): boolean {
  if (job.type !== 'one-time') return false;
  if (trigger !== 'retry') return trigger === 'schedule' || trigger === 'chain';
  // A retry of a fire that was given up, beside one that is yet to come or waits for its place: that one decides.
  return origin !== 'manual' && (isChained(job) || (job.next === null && !othersAreOpen));
}

type Passed = Omit<Following, 'move'>;

/** What becomes of the fires that came due while a run was under way, by the job's overlap policy. */
function passOverlapped(schedule: Schedule, job: JobRecord, alreadyBuffered: number, now: number): Passed {
  const first = upcoming(job, schedule, job.settledUntil);
  const asTheyCome = { next: first, skips: [], buffered: [] };
  const isToCatchUp = first !== null && job.catchUpUntil !== null && first.fireAt <= job.catchUpUntil;
  if (first === null || first.runAt > now || isToCatchUp) return asTheyCome;

  const due = dueUntil(schedule, now, job.id);
  switch (job.overlap) {
    case 'allow_all':
      return asTheyCome;
    case 'cancel_other': {
      const last = lastFire(schedule, job.settledUntil, due) ?? first.fireAt;
      const skips = skipsBetween(schedule, job.settledUntil, last - 1, { ...overlapped, reason: GAVE_WAY });
      return { next: fireOf(job, schedule, last), skips, buffered: [] };
    }
    case 'skip':
    case 'buffer_one':
    case 'buffer_all':
      return buffer(schedule, job, due, roomFor(job, alreadyBuffered));
  }
}

const overlapped = { outcome: 'skipped_overlap' } as const;
const NOT_ENDED = 'The run before it had not ended.';
const GAVE_WAY = 'The run before it had not ended, and a later fire took its place.';
const QUEUE_IS_FULL = 'The run before it had not ended, and no more fires may wait for it.';

function roomFor({ overlap }: JobRecord, alreadyBuffered: number): number {
  const places = overlap === 'buffer_all' ? MAX_WAITING_RUNS : overlap === 'buffer_one' ? 1 : 0;
  return Math.max(0, places - alreadyBuffered);
}

/** Lets the first fires up to `due` wait, as many as there is room for, and skips the others. */
function buffer(schedule: Schedule, job: JobRecord, due: number, room: number): Passed {
  const places = Math.min(room, runsLeft(job));
  const fires = places === 0 ? [] : firesBetween(schedule, job.settledUntil, due, places);
  const buffered = fires.map((fireAt) => ({ runId: uuidv7(), ...fireOf(job, schedule, fireAt) }));
  const reason = job.overlap === 'skip' ? NOT_ENDED : QUEUE_IS_FULL;
  const next = upcoming(job, schedule, due, buffered.length);
  // After the last run that the job may have there is nothing left to skip.
  const skips =
    runsLeft(job, buffered.length) <= 0
      ? []
      : skipsBetween(schedule, fires.at(-1) ?? job.settledUntil, due, { ...overlapped, reason });
  return { next, skips, buffered };
}
