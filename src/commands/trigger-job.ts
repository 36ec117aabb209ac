import { v7 as uuidv7 } from 'uuid';
import type { RunJobNow } from '../contract/messages.js';
import { isFinal } from '../domain/status.js';
import type { JobRecord } from '../store/job-record.js';
import type { JobChange } from '../store/jobs.js';
import type { NewRun } from '../store/new-runs.js';
import { change } from './change.js';
import { conflict, refuseIfBegun } from './decide.js';
import type { Caller, CommandPorts } from './ports.js';
import { handlerNamed, payloadProblems, refuse, refuseIfPrivileged } from './validate.js';

/** Runs a job now, also while it is paused, and leaves its schedule as it is. */
export async function triggerJob(
  ports: CommandPorts,
  caller: Caller,
  jobId: string,
  input: RunJobNow,
): Promise<{ runId: string }> {
  const runId = uuidv7();
  await change(ports, caller, jobId, (job) => {
    if (input.payload !== undefined) {
      const definition = handlerNamed(ports, job.handler);
      refuseIfPrivileged(definition, caller);
      refuse('message' in definition ? [definition] : payloadProblems(definition, input.payload));
    }
    const place = { projectId: job.projectId, kind: 'run-payload', id: runId } as const;
    return decideTrigger(job, { id: runId, payload: ports.vault.sealJson(place, input.payload) });
  });
  return { runId };
}

export function decideTrigger(job: JobRecord, run: Pick<NewRun, 'id' | 'payload'>): JobChange {
  if (isFinal(job.status)) throw conflict(job, 'runs no more');
  refuseIfBegun(job);
  const newRun = { ...run, trigger: 'manual', isParallel: job.overlap === 'allow_all' } as const;
  return { set: {}, status: job.status, newRuns: [newRun], event: { type: 'job.triggered' } };
}
