import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { JobStatus } from '../domain/status.js';
import type { Wish } from '../domain/wish.js';

/** The workflow type of a job, as Temporal knows it. */
export const JOB_WORKFLOW_TYPE = 'job';

/**
 * The signal that tells a job's workflow its newest wish; sent by `dispatch`, and by the workflow of a run that ends, which
 * names that run.
 */
export const UPDATE_SIGNAL = 'update';

/** What operators may filter by in Temporal's Web UI. Ids and fixed words only: Temporal does not encrypt them. */
export const searchAttributes = {
  jobId: defineSearchAttributeKey('CarillonJobId', SearchAttributeType.KEYWORD),
  project: defineSearchAttributeKey('CarillonProject', SearchAttributeType.KEYWORD),
  handler: defineSearchAttributeKey('CarillonHandler', SearchAttributeType.KEYWORD),
  /** While the workflow is open; afterwards Temporal's own execution status tells how it ended. */
  jobStatus: defineSearchAttributeKey('CarillonJobStatus', SearchAttributeType.KEYWORD),
};

/** A job's workflow, as it begins and as it continues as new: one plain JSON object. */
export interface JobLife {
  jobId: string;
  /** The fairness key of its runs. */
  projectId: string;
  wish: Wish;
  /** What the search attribute for the job's status says now. */
  shownStatus: JobStatus;
  /** How long before a fire its run is handed to a worker, in milliseconds; the worker holds it until the instant. */
  leadMs: number;
  /** The runs beside others that have a workflow of their own already. */
  handedOver?: string[];
  /** Those of them that were told to end. */
  stopped?: string[];
  /** Whether a fire went before a backfill's run that waits. */
  owesBackfill?: boolean;
  /** For tests: continue as new after this many turns of the loop, instead of the usual number. */
  turnsPerExecution?: number;
  /** For tests: how long a run waits for a worker before it counts as more urgent, in milliseconds. */
  ageAfterMs?: number;
}

/** What `executeRun` is asked: the run of a fire (epoch milliseconds), or one that has a row already. */
export interface ExecuteRunInput {
  jobId: string;
  generation: number;
  fireAt?: number;
  runId?: string;
}

/** What `recordOutcome` is asked: the run, and whether it was cancelled because a later fire came due. */
export interface EndRunInput extends ExecuteRunInput {
  wasOverlapped?: boolean;
}

/** The workflow type of a run that is under way beside others of its job. */
export const RUN_WORKFLOW_TYPE = 'run';

/** One run beside others of its job, as its workflow begins. */
export interface RunLife {
  jobId: string;
  /** The fairness key. */
  projectId: string;
  runId: string;
  wish: Pick<Wish, 'generation' | 'pool' | 'priorityKey' | 'weight' | 'timeoutMs'>;
  /** For tests, as in the job's life. */
  ageAfterMs?: number;
}

/** What every activity of a job answers with: the newest wish there is. */
export interface WishAnswer {
  wish: Wish;
}

/** The failure type of a run that failed for good; its details hold a `WishAnswer`. */
export const RUN_FAILED = 'RunFailed';

/** The failure type of a job's workflow when its one run failed. */
export const JOB_FAILED = 'JobFailed';
