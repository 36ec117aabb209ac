import type { UpdateJob } from '../contract/messages.js';
import { isChained, type After } from '../domain/after.js';
import { isFinal } from '../domain/status.js';
import type { Schedule, ScheduleInput } from '../schedule/index.js';
import type { CalendarRecord, JobRecord } from '../store/job-record.js';
import type { Queries } from '../store/database.js';
import { lockCalendars } from '../store/calendars.js';
import { changeJobIn, type ChangedJob, type Decide, type JobChange } from '../store/jobs.js';
import type { Skip } from '../store/skips.js';
import { afterOf, followedProblems } from './after.js';
import { noting } from './audit.js';
import { committed } from './change.js';
import { conflict, refuseIfBegun, refuseIfChanged } from './decide.js';
import { firstFire } from './first-fire.js';
import type { Caller, CommandPorts } from './ports.js';
import { scheduleInputOf } from './schedule-of.js';
import { excludedFires, takeOver } from './take-over.js';
import { upcoming } from './upcoming.js';
import {
  catchUpOf,
  concurrencyOf,
  forRecurringOnly,
  handlerNamed,
  payloadProblems,
  refuse,
  refuseIfPrivileged,
  retryOf,
} from './validate.js';
import { changedWhen, saysWhen, storedWhen, understand, unknownCalendars, withoutSchedule } from './when.js';

/**
 * Changes a job from its next fire on; what is left out stays, and a run under way keeps what it began with.
 * With `expected`, only while it is of one of these generations.
 */
export async function updateJob(
  ports: CommandPorts,
  caller: Caller,
  jobId: string,
  input: UpdateJob,
  expected?: readonly number[],
): Promise<ChangedJob> {
  const changed = await ports.db.transaction(async (tx) => {
    // Calendars before jobs: the order in which a calendar's own change locks them, too.
    const calendars = input.exclude ? await lockCalendars(tx, caller.projectId, input.exclude.calendars) : [];
    const which = { projectId: caller.projectId, jobId };
    const decide: Decide = async (job, now) => {
      refuseIfChanged(job, expected);
      const after = await changedAfter(tx, job, input);
      for (const name of new Set([job.handler, input.handler ?? job.handler])) {
        refuseIfPrivileged(handlerNamed(ports, name), caller);
      }
      return decideUpdate(ports, job, input, calendars, now, after);
    };
    return changeJobIn(tx, which, caller.actor, ports.clock, noting(ports.audit, decide));
  });
  return committed(ports, jobId, changed);
}

/** What a change says about the jobs that the job follows; undefined when nothing. */
async function changedAfter(tx: Queries, job: JobRecord, input: UpdateJob): Promise<After | null | undefined> {
  const isWithoutSchedule = isChained(job);
  if (isWithoutSchedule) {
    refuse(withoutSchedule(input).problems);
    if (input.after === null) {
      const message = 'is what the job runs by: it has no schedule; submit a job that has one, or cancel this one';
      refuse([{ pointer: '/after', message }]);
    }
  }
  if (input.after === undefined && input.waitAtMost === undefined) return undefined;
  const { after, problems } = afterOf(input, job.after, !isWithoutSchedule);
  const added = {
    jobs: (after?.jobs ?? []).filter(({ jobId }) => !job.after?.jobs.some((one) => one.jobId === jobId)),
  };
  const ofFollowed = await followedProblems(tx, job.projectId, job.id, added);
  refuse([...problems, ...ofFollowed]);
  return after;
}

export function decideUpdate(
  ports: Pick<CommandPorts, 'definitions' | 'notAllowed' | 'vault'>,
  job: JobRecord,
  input: UpdateJob,
  calendars: readonly CalendarRecord[],
  now: number,
  after?: After | null,
): JobChange {
  if (isFinal(job.status)) throw conflict(job, 'can no more be changed');
  refuseIfBegun(job);
  const definition = handlerNamed(ports, input.handler ?? job.handler);
  const place = { projectId: job.projectId, kind: 'payload', id: job.id } as const;
  const payload = ports.vault.sealJson(place, input.payload);
  const problems =
    'message' in definition
      ? [definition]
      : payloadProblems(
          definition,
          input.payload === undefined ? ports.vault.openJson(place, job.payload) : input.payload,
        );
  refuse([...problems, ...forRecurringOnly(job.type, input)]);
  if (saysWhen(input) && job.type === 'one-time' && job.next === null) {
    throw conflict(
      job,
      'has come to its time and waits for what holds its run back: when it runs can no more be changed',
    );
  }
  const catchUp = input.catchUp && catchUpOf(input.catchUp, job.catchUp);
  const rescheduled = saysWhen(input)
    ? reschedule({ ...job, catchUp: catchUp ?? job.catchUp }, input, calendars, now)
    : null;

  return {
    set: {
      ...(input.jobName === undefined ? {} : { name: input.jobName }),
      ...(input.handler === undefined ? {} : { handler: input.handler }),
      ...(payload && { payload }),
      ...(input.priority === undefined ? {} : { priority: input.priority }),
      ...(input.pool === undefined ? {} : { pool: input.pool }),
      ...(input.tags === undefined ? {} : { tags: input.tags }),
      ...(input.overlap === undefined ? {} : { overlap: input.overlap }),
      ...(catchUp === undefined ? {} : { catchUp }),
      ...(input.timeout === undefined ? {} : { timeoutMs: input.timeout }),
      ...(after === undefined ? {} : { after }),
      ...(input.deadline === undefined ? {} : { deadlineMs: input.deadline }),
      ...(input.concurrency === undefined ? {} : { concurrency: concurrencyOf(input.concurrency) }),
      ...(input.retry === undefined ? {} : { retry: retryOf(input.retry, job.retry) }),
      ...rescheduled?.set,
    },
    status: job.status,
    scheduleChanged: rescheduled !== null,
    skips: rescheduled?.skips ?? [],
    event: { type: 'job.updated', data: { fields: Object.keys(input) } },
  };
}

/** A job's schedule with what `input` changes of it, or the problems of that. */
export function changedSchedule(
  job: JobRecord,
  input: UpdateJob,
  calendars: readonly CalendarRecord[],
  now: number,
): { schedule: Schedule; when: ScheduleInput } {
  const when = changedWhen(scheduleInputOf(job), input, calendars);
  const { schedule, problems } = understand(when, now);
  refuse([...problems, ...unknownCalendars(input, calendars)]);
  if (!schedule) throw new Error('unreachable: refused above');
  return { schedule, when };
}

/** What a change of the schedule sets, and the due fires of the old one that it does away with. */
function reschedule(
  job: JobRecord,
  input: UpdateJob,
  calendars: readonly CalendarRecord[],
  now: number,
): { set: JobChange['set']; skips: Skip[] } {
  const { schedule, when } = changedSchedule(job, input, calendars, now);
  const maxRuns = input.maxRuns === undefined ? job.maxRuns : input.maxRuns;
  const counted = { ...job, maxRuns };
  const first = firstFire(counted, schedule, now, input.executionTime === 'now');
  if ('message' in first) {
    refuse([first]);
    throw new Error('unreachable: refused above');
  }
  const isOnce = job.type === 'one-time';
  const over = takeOver(job, schedule, now);
  const fallen = over.skips.filter((skip) => !isOnce || skip.fireAt !== first.next.fireAt);
  const settledUntil = Math.max(job.settledUntil, Math.min(first.settledUntil, over.settledUntil));
  return {
    set: {
      ...whenToSet(storedWhen(when, now)),
      ...(input.exclude === undefined ? {} : { calendars: [...calendars] }),
      maxRuns,
      settledUntil: isOnce ? job.settledUntil : settledUntil,
      next: isOnce ? first.next : upcoming(counted, schedule, settledUntil),
      settleAt: first.settleAt,
      // A one-time job that was moved to an instant just past runs at once, however long it then has to wait.
      catchUpUntil: isOnce && first.next.fireAt <= now ? now : null,
    },
    skips: [...fallen, ...excludedFires(job, now)],
  };
}

function whenToSet({ executionTime, timezone, frequency, schedule }: ReturnType<typeof storedWhen>): JobChange['set'] {
  return { executionTime, timezone, when: { frequency, schedule } };
}
