import { v7 as uuidv7 } from 'uuid';
import type { SubmitJob } from '../contract/messages.js';
import { insertJob, type NewJob } from '../store/jobs.js';
import { executionTimeOf } from './execution-time.js';
import { firstFire } from './first-fire.js';
import type { Caller, CommandPorts } from './ports.js';
import { handlerNamed, payloadProblems, refuse, retryOf, scheduleOrProblems } from './validate.js';

/** Takes a job in. When this returns, the job is accepted and runs at its time, whatever dies next. */
export async function submitJob(ports: CommandPorts, caller: Caller, input: SubmitJob): Promise<{ jobId: string }> {
  const job = newJob(ports, caller, input);
  await insertJob(ports.db, job);
  ports.onCommitted();
  return { jobId: job.id };
}

function newJob(ports: CommandPorts, caller: Caller, input: SubmitJob): NewJob {
  const now = Math.floor(ports.clock.now());
  const definition = handlerNamed(ports.definitions, input.handler ?? 'log');
  const { schedule, problems } = scheduleOrProblems(input, now);
  if ('message' in definition) problems.push(definition);
  else problems.push(...payloadProblems(definition, input.payload));

  const first = schedule && firstFire(input.jobType, schedule, now, input.executionTime === 'now');
  if (first && 'message' in first) problems.push(first);
  refuse(problems);
  if (!schedule || !first || 'message' in first || 'message' in definition)
    throw new Error('unreachable: refused above');

  return {
    // By the database's clock, so that the order of ids is the order of submission on whichever node.
    id: uuidv7({ msecs: now }),
    projectId: caller.projectId,
    name: input.jobName,
    type: input.jobType,
    handler: definition.name,
    payload: input.payload,
    priority: input.priority ?? 'medium',
    tags: input.tags ?? [],
    pool: 'default',
    executionTime: schedule.kind === 'once' ? schedule.at : executionTimeOf(input, now),
    frequency: input.frequency ?? null,
    timezone: input.timezone ?? 'UTC',
    timeoutMs: input.timeout ?? definition.defaults.timeoutMs,
    retry: retryOf(input.retry ?? {}, definition.defaults.retry),
    settledUntil: first.settledUntil,
    nextRunAt: first.nextRunAt,
    createdBy: caller.actor,
    createdAt: now,
  };
}
