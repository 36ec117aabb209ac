/** What a run works with, opened as late as can be; and what it answers, sealed as soon. */
import type { UpstreamRun } from '../handlers/handler.js';
import { readPreviousResult, readUpstream } from '../store/run-facts.js';
import type { Sealed } from '../store/stored.js';
import type { BegunRun } from './begin-run.js';
import type { ExecutorPorts } from './ports.js';

type Ports = Pick<ExecutorPorts, 'db' | 'vault'>;

/** The payload of a run: its own, or else its job's. @throws SealError */
export function openPayload({ vault }: Ports, { job, runId, payload }: BegunRun): unknown {
  const { projectId } = job;
  return payload === undefined
    ? vault.openJson({ projectId, kind: 'payload', id: job.id }, job.payload)
    : vault.openJson({ projectId, kind: 'run-payload', id: runId }, payload);
}

export function sealResult({ vault }: Ports, { job, runId }: BegunRun, result: unknown): Sealed | undefined {
  return vault.sealJson({ projectId: job.projectId, kind: 'result', id: runId }, result);
}

/** The result of the job's last run before this one that completed. */
export async function openPreviousResult({ db, vault }: Ports, { job, runId }: BegunRun): Promise<unknown> {
  const previous = await readPreviousResult(db, job.id, runId);
  return previous && vault.openJson({ projectId: job.projectId, kind: 'result', id: previous.runId }, previous.result);
}

/** The runs whose end a run followed, with their results. */
export async function openUpstream({ db, vault }: Ports, { job, runId }: BegunRun): Promise<UpstreamRun[]> {
  const runs = await readUpstream(db, runId);
  return runs.map((run) => ({
    ...run,
    result: vault.openJson({ projectId: job.projectId, kind: 'result', id: run.runId }, run.result),
  }));
}
