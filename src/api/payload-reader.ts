import { may } from '../domain/permissions.js';
import type { Principal } from '../security/principals.js';
import type { JobRecord } from '../store/job-record.js';
import type { RunRecord } from '../store/run-reads.js';
import type { ApiPorts } from './ports.js';

/** Opens what jobs work with. */
export interface PayloadReader {
  payloadOf(job: Pick<JobRecord, 'id' | 'payload'>): unknown;
  resultOf(run: Pick<RunRecord, 'id' | 'result'>): unknown;
}

/** A reader for who may see what the jobs of their project work with; null for who may not. */
export function payloadReader(
  { commands: { vault } }: Pick<ApiPorts, 'commands'>,
  { role, projectId }: Pick<Principal, 'role' | 'projectId'>,
): PayloadReader | null {
  if (!may(role, 'payload:read')) return null;
  return {
    payloadOf: ({ id, payload }) => vault.openJson({ projectId, kind: 'payload', id }, payload),
    resultOf: ({ id, result }) => vault.openJson({ projectId, kind: 'result', id }, result),
  };
}
