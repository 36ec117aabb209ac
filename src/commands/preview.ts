import type { PreviewSchedule, UpdateJob } from '../contract/messages.js';
import { AppError } from '../domain/errors.js';
import { isFinal } from '../domain/status.js';
import { describeSchedule, previewFires, type PreviewedFire, type Schedule } from '../schedule/index.js';
import { lockCalendars } from '../store/calendars.js';
import type { JobRecord } from '../store/job-record.js';
import { readJob } from '../store/job-reads.js';
import { conflict, refuseIfBegun } from './decide.js';
import type { Caller, CommandPorts } from './ports.js';
import { scheduleIfUnderstood } from './schedule-of.js';
import { changedSchedule } from './update-job.js';
import { runsLeft } from './upcoming.js';
import { refuse, tooFarAhead } from './validate.js';
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
  const calendars = input.exclude ? await lockCalendars(ports.db, caller.projectId, input.exclude.calendars) : [];
  const { schedule, problems } = understand(changedWhen({ jobType: input.jobType }, input, calendars), now);
  const after = input.after ?? now;
  refuse([...problems, ...unknownCalendars(input, calendars), ...tooFarAhead({ pointer: '/after' }, after, now)]);
  if (!schedule) throw new Error('unreachable: refused above');
  const { count, maxRuns } = input;
  return {
    understoodAs: describeSchedule(schedule),
    fires: previewFires(schedule, after, { count, ...(maxRuns === undefined ? {} : { maxRuns }) }),
  };
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
  ports: Pick<CommandPorts, 'db' | 'clock'>,
  caller: Caller,
  jobId: string,
  input: UpdateJob,
): Promise<ChangePreview> {
  const found = await readJob(ports.db, caller.projectId, jobId);
  if (!found) throw new AppError('job_not_found', `There is no job ${jobId}.`);
  const { job } = found;
  if (isFinal(job.status)) throw conflict(job, 'can no more be changed');
  refuseIfBegun(job);
  const now = Math.floor(ports.clock.now());
  const calendars = input.exclude ? await lockCalendars(ports.db, caller.projectId, input.exclude.calendars) : [];
  const { schedule } = changedSchedule(job, input, calendars, now);
  const changed = { ...job, maxRuns: input.maxRuns === undefined ? job.maxRuns : input.maxRuns };
  const before = scheduleIfUnderstood(job);
  const old = before ? firesOf(job, before, now) : [];
  const fresh = firesOf(changed, schedule, now);
  const until = comparedUntil(old, fresh);
  return {
    understoodAs: describeSchedule(schedule),
    disappear: without(old, fresh, until),
    appear: without(fresh, old, until),
    until: until === Infinity ? null : until,
  };
}

/** The next fires of a job, as far as its `maxRuns` lets them be. */
function firesOf(job: JobRecord, schedule: Schedule, now: number): PreviewedFire[] {
  const left = runsLeft(job);
  const maxRuns = left === Infinity ? undefined : Math.max(0, left);
  return previewFires(schedule, now, { count: COMPARED_FIRES, seed: job.id, maxRuns });
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
