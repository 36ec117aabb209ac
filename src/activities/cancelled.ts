import type { CancelRequest } from '../domain/run.js';
import type { JobRecord } from '../store/job-record.js';

const OVERLAPPED = 'A later fire came due, and the overlap policy of the job is cancel_other.';

/** Why a run was cancelled, in words: somebody ended its job or asked for its own end, or a later fire took its place. */
export function whyCancelled(job: Pick<JobRecord, 'status'>, request: CancelRequest | null): string {
  if (request) return `It was cancelled by ${request.by}${request.reason === undefined ? '.' : `: ${request.reason}`}`;
  return job.status === 'cancelled' ? 'The job was cancelled.' : OVERLAPPED;
}
