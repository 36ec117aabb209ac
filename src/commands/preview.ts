import { isChained } from '../domain/after.js';
import type { PreviewSchedule, UpdateJob } from '../contract/messages.js';
import { AppError, type Problem } from '../domain/errors.js';
import { DEFAULT_CATCH_UP, type JobType } from '../domain/job.js';
import { describeSchedule, previewFires, type PreviewedFire, type Schedule } from '../schedule/index.js';
import { findCalendars } from '../store/calendars.js';
import type { JobRecord } from '../store/job-record.js';
import { readJob } from '../store/job-reads.js';
import { refuseIfChanged } from './decide.js';
import type { Caller, CommandPorts } from './ports.js';
import { scheduleIfUnderstood } from './schedule-of.js';
import { changedSchedule, decideUpdate } from './update-job.js';
import { runsLeft } from './upcoming.js';
import { forRecurringOnly, refuse, tooFarAhead } from './validate.js';
import { changedWhen, understand, unknownCalendars } from './when.js';

/** A schedule in words, and its next fires. */
export interface Preview {
  understoodAs: string;
  fires: PreviewedFire[];
}

/** What a schedule would do, without a job. What is shown is what would fire: the same functions decide it. */
export async function previewSchedule(
  ports: Pick<CommandPorts, 'db' | 'clock'>,
  caller: Caller,
  input: PreviewSchedule,
): Promise<Preview> {
  const now = Math.floor(ports.clock.now());
  const calendars = input.exclude ? await findCalendars(ports.db, caller.projectId, input.exclude.calendars) : [];
  const { schedule, problems } = understand(changedWhen({ jobType: input.jobType }, input, calendars), now);
  const after = input.after ?? beginning(input, now);
  refuse([
    ...problems,
    ...unknownCalendars(input, calendars),
    ...forRecurringOnly(input.jobType, input),
    ...tooFarAhead({ pointer: '/after' }, after, now),
    ...tooMuchToShow(input),
  ]);
  if (!schedule) throw new Error('unreachable: refused above');
  const { count, maxRuns } = input;
  return {
    understoodAs: describeSchedule(schedule, input.maxRuns ?? null),
    fires: previewFires(schedule, after, { count, ...(maxRuns === undefined ? {} : { maxRuns }) }),
  };
}

/** Fires times expressions: so much is looked at in one preview. */
const MOST_QUESTIONS = 2_000;

function tooMuchToShow({ count, frequency = '' }: PreviewSchedule): Problem[] {
  const expressions = typeof frequency === 'string' ? 1 : frequency.length;
  const most = Math.floor(MOST_QUESTIONS / Math.max(1, expressions));
  return count <= most
    ? []
    : [{ pointer: '/count', message: `must be at most ${most} for ${expressions} expressions` }];
}

/**
 * The instant after which a job that was submitted, or changed so, at `now` fires: as `firstFire` has it. Asked for
 * "now", `now` is a fire; a one-time job whose time has just passed runs at once.
 */
function beginning(
  { jobType, executionTime }: { jobType: JobType; executionTime?: string | undefined },
  now: number,
  lateMs = DEFAULT_CATCH_UP.windowMs,
): number {
  if (jobType === 'one-time') return now - lateMs - 1;
  return executionTime === 'now' ? now - 1 : now;
}

/** How many fires of either schedule a change is compared over. */
const COMPARED_FIRES = 100;

/** What a change would make of a job's fires. */
export interface ChangePreview {
  understoodAs: string;
  disappear: PreviewedFire[];
  appear: PreviewedFire[];
  /** How far both were compared, in epoch milliseconds; null: to their ends. */
  until: number | null;
}

/** What an update would do to the fires to come; changes nothing. */
export async function previewUpdate(
  ports: Pick<CommandPorts, 'db' | 'clock' | 'definitions' | 'notAllowed' | 'vault'>,
  caller: Caller,
  jobId: string,
  input: UpdateJob,
  expected?: readonly number[],
): Promise<ChangePreview> {
  const found = await readJob(ports.db, caller.projectId, jobId);
  if (!found) throw new AppError('job_not_found', `There is no job ${jobId}.`);
  const { job } = found;
  refuseIfChanged(job, expected);
  if (isChained(job)) throw new AppError('conflict', 'The job has no schedule: there are no fires to tell of.');
  const now = Math.floor(ports.clock.now());
  const calendars = input.exclude ? await findCalendars(ports.db, caller.projectId, input.exclude.calendars) : [];
  // Decided as the change itself would be, so that what it would be refused for is told here.
  decideUpdate(ports, job, input, calendars, now);
  const { schedule } = changedSchedule(job, input, calendars, now);
  const changed = { ...job, maxRuns: input.maxRuns === undefined ? job.maxRuns : input.maxRuns };
  const before = scheduleIfUnderstood(job);
  const lateMs = input.catchUp?.window ?? job.catchUp.windowMs;
  const from = beginning({ jobType: job.type, executionTime: input.executionTime }, now, lateMs);
  const old = before ? firesOf(job, before, job.type === 'one-time' ? from : now) : [];
  const fresh = firesOf(changed, schedule, from);
  const until = comparedUntil(old, fresh);
  return {
    understoodAs: describeSchedule(schedule, changed.maxRuns),
    disappear: without(old, fresh, until),
    appear: without(fresh, old, until),
    until: until === Infinity ? null : until,
  };
}

/** The next fires of a job, as far as its `maxRuns` lets them be. */
function firesOf(job: JobRecord, schedule: Schedule, after: number): PreviewedFire[] {
  const left = runsLeft(job);
  const maxRuns = left === Infinity ? undefined : Math.max(0, left);
  return previewFires(schedule, after, { count: COMPARED_FIRES, seed: job.id, maxRuns });
}

/** Beyond the last fire of a list that is cut off, nothing can be said of it. */
function comparedUntil(...lists: readonly PreviewedFire[][]): number {
  const ends = lists.map((list) => (list.length < COMPARED_FIRES ? Infinity : (list.at(-1)?.fireAt ?? Infinity)));
  return Math.min(...ends);
}

function without(fires: readonly PreviewedFire[], others: readonly PreviewedFire[], until: number): PreviewedFire[] {
  const keyOf = ({ fireAt, runAt, isExcluded }: PreviewedFire) => `${fireAt} ${runAt} ${isExcluded}`;
  const known = new Set(others.map(keyOf));
  return fires.filter((fire) => fire.fireAt <= until && !known.has(keyOf(fire)));
}
