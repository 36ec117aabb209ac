import { v7 as uuidv7 } from 'uuid';
import type { SubmitJob } from '../contract/messages.js';
import type { Queries } from '../store/database.js';
import { lockCalendars } from '../store/calendars.js';
import { insertJobs, type NewJob } from '../store/new-jobs.js';
import { firstFire } from './first-fire.js';
import type { Caller, CommandPorts } from './ports.js';
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
import { afterOf, followedProblems } from './after.js';
import { newJobNotes } from './audit.js';
import { changedWhen, storedWhen, understand, unknownCalendars, withoutSchedule } from './when.js';

/** Takes a job in. When this returns, the job is accepted and runs at its time, whatever dies next. */
export async function submitJob(ports: CommandPorts, caller: Caller, input: SubmitJob): Promise<{ jobId: string }> {
  // The calendars and jobs as the job uses them belong to its transaction; without, one statement does it all.
  const submit = input.exclude || input.after ? submitInTransaction : submitAtOnce;
  const jobId = await submit(ports, caller, input);
  ports.onCommitted();
  return { jobId };
}

async function submitAtOnce(ports: CommandPorts, caller: Caller, input: SubmitJob): Promise<string> {
  const job = await newJob(ports, ports.db, caller, input);
  const audited = ports.audit?.alone(newJobNotes(job));
  await insertJobs(audited?.db ?? ports.db, [job], audited?.entry);
  return job.id;
}

async function submitInTransaction(ports: CommandPorts, caller: Caller, input: SubmitJob): Promise<string> {
  return ports.db.transaction(async (tx) => {
    const job = await newJob(ports, tx, caller, input);
    await insertJobs(tx, [job]);
    ports.audit?.note(newJobNotes(job));
    return job.id;
  });
}

/** A job as it is to be stored. `tx` holds the calendars that it names. */
export async function newJob(ports: CommandPorts, tx: Queries, caller: Caller, input: SubmitJob): Promise<NewJob> {
  const now = Math.floor(ports.clock.now());
  const calendars = input.exclude ? await lockCalendars(tx, caller.projectId, input.exclude.calendars) : [];
  const definition = handlerNamed(ports, input.handler ?? 'log');
  refuseIfPrivileged(definition, caller);
  const when = changedWhen({ jobType: input.jobType }, input, calendars);
  const hasSchedule = !input.after || input.executionTime !== undefined || input.frequency !== undefined;
  const { schedule, problems } = hasSchedule ? understand(when, now) : withoutSchedule(input);
  const { after, problems: ofAfter } = afterOf(input, null, hasSchedule);
  problems.push(...ofAfter, ...(await followedProblems(tx, caller.projectId, null, after)));
  problems.push(...unknownCalendars(input, calendars), ...forRecurringOnly(input.jobType, input));
  if ('message' in definition) problems.push(definition);
  else problems.push(...payloadProblems(definition, input.payload));

  const job = {
    // By the database's clock, so that the order of ids is the order of submission on whichever node.
    id: uuidv7({ msecs: now }),
    type: input.jobType,
    maxRuns: input.maxRuns ?? null,
    scheduleRunCount: 0,
    catchUp: catchUpOf(input.catchUp),
  };
  const first = !hasSchedule
    ? { settledUntil: now, next: null, settleAt: null }
    : schedule && firstFire(job, schedule, now, input.executionTime === 'now');
  if (first && 'message' in first) problems.push(first);
  refuse(problems);
  if (!schedule || !first || 'message' in first || 'message' in definition)
    throw new Error('unreachable: refused above');

  return {
    ...job,
    ...storedWhen(when, now),
    ...first,
    projectId: caller.projectId,
    name: input.jobName,
    handler: definition.name,
    payload: ports.vault.sealJson({ projectId: caller.projectId, kind: 'payload', id: job.id }, input.payload),
    priority: input.priority ?? 'medium',
    tags: input.tags ?? [],
    pool: input.pool ?? 'default',
    calendars,
    overlap: input.overlap ?? 'skip',
    timeoutMs: input.timeout ?? definition.defaults.timeoutMs,
    deadlineMs: input.deadline ?? null,
    concurrency: concurrencyOf(input.concurrency),
    after,
    retry: retryOf(input.retry ?? {}, definition.defaults.retry),
    createdBy: caller.actor,
    createdAt: now,
  };
}
