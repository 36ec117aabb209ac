import type { UpdateJob } from '../contract/messages.js';
import { isFinal } from '../domain/status.js';
import { nextFire } from '../schedule/index.js';
import type { JobRecord } from '../store/job-record.js';
import type { ChangedJob, JobChange } from '../store/jobs.js';
import type { Skip } from '../store/skips.js';
import { change } from './change.js';
import { conflict, refuseIfBegun } from './decide.js';
import { executionTimeOf } from './execution-time.js';
import { firstFire } from './first-fire.js';
import type { Caller, CommandPorts } from './ports.js';
import { scheduleOf } from './schedule-of.js';
import { skipsBetween } from './skips.js';
import { handlerNamed, payloadProblems, refuse, retryOf, scheduleOrProblems } from './validate.js';

/** Changes a job from its next fire on; what is left out stays, and a run under way keeps what it began with. */
export async function updateJob(
  ports: CommandPorts,
  caller: Caller,
  jobId: string,
  input: UpdateJob,
): Promise<ChangedJob> {
  return change(ports, caller, jobId, (job, now) => decideUpdate(ports, job, input, now));
}

export function decideUpdate(
  ports: Pick<CommandPorts, 'definitions'>,
  job: JobRecord,
  input: UpdateJob,
  now: number,
): JobChange {
  if (isFinal(job.status)) throw conflict(job, 'can no more be changed');
  refuseIfBegun(job);
  const definition = handlerNamed(ports.definitions, input.handler ?? job.handler);
  const problems =
    'message' in definition
      ? [definition]
      : payloadProblems(definition, input.payload === undefined ? (job.payload ?? undefined) : input.payload);
  refuse(problems);
  const rescheduled = reschedule(job, input, now);

  return {
    set: {
      ...(input.jobName === undefined ? {} : { name: input.jobName }),
      ...(input.handler === undefined ? {} : { handler: input.handler }),
      ...(input.payload === undefined ? {} : { payload: input.payload }),
      ...(input.priority === undefined ? {} : { priority: input.priority }),
      ...(input.tags === undefined ? {} : { tags: input.tags }),
      ...(input.timeout === undefined ? {} : { timeoutMs: input.timeout }),
      ...(input.retry === undefined ? {} : { retry: retryOf(input.retry, job.retry) }),
      ...rescheduled?.set,
    },
    status: job.status,
    scheduleChanged: rescheduled !== null,
    skips: rescheduled?.skips ?? [],
    event: { type: 'job.updated', data: { fields: Object.keys(input) } },
  };
}

/** What a change of the schedule sets, and the due fires of the old one that it does away with; null: no change. */
function reschedule(job: JobRecord, input: UpdateJob, now: number): { set: JobChange['set']; skips: Skip[] } | null {
  if (input.executionTime === undefined && input.frequency === undefined && input.timezone === undefined) return null;

  const timezone = input.timezone ?? job.timezone;
  const anchor = job.executionTime === null ? undefined : new Date(job.executionTime).toISOString();
  const merged = {
    jobType: job.type,
    executionTime: input.executionTime ?? anchor,
    frequency: input.frequency ?? job.frequency ?? undefined,
    timezone,
  };
  const { schedule, problems } = scheduleOrProblems(merged, now);
  refuse(problems);
  if (!schedule) throw new Error('unreachable: refused above');
  const first = firstFire(job.type, schedule, now, input.executionTime === 'now');
  if ('message' in first) {
    refuse([first]);
    throw new Error('unreachable: refused above');
  }

  // The fires of the old schedule that are due and have not begun give way, and the ledger says so.
  const skips = skipsBetween(scheduleOf(job), job.settledUntil, now, gaveWay(job)).filter(
    (skip) => job.type === 'recurring' || skip.fireAt !== first.nextRunAt,
  );
  const settledUntil = Math.max(
    job.settledUntil,
    first.settledUntil,
    ...skips.map((skip) => skip.until ?? skip.fireAt),
  );
  const nextRunAt = job.type === 'one-time' ? first.nextRunAt : nextFire(schedule, settledUntil);
  return {
    set: {
      executionTime: schedule.kind === 'once' ? schedule.at : executionTimeOf(merged, now),
      frequency: merged.frequency ?? null,
      timezone,
      settledUntil: job.type === 'one-time' ? job.settledUntil : settledUntil,
      nextRunAt,
      // A one-time job that was moved to an instant just past runs at once, however long it then has to wait.
      catchUpUntil: job.type === 'one-time' && first.nextRunAt <= now ? now : null,
    },
    skips,
  };
}

function gaveWay(job: JobRecord): Pick<Skip, 'outcome' | 'reason'> {
  if (job.status === 'paused') return { outcome: 'skipped_paused', reason: 'The job was paused.' };
  if (job.status === 'running') return { outcome: 'skipped_overlap', reason: 'The run before it had not ended.' };
  return { outcome: 'missed', reason: 'The job was updated before this run could begin.' };
}
