import type { FinalOutcome } from './run.js';

/** How a run has to have ended for the jobs that follow its job: `any` is every end of a run that began. */
export const afterOutcomes = ['completed', 'failed', 'any'] as const;
export type AfterOutcome = (typeof afterOutcomes)[number];

/** A job that another one follows, or waits for. */
export interface AfterJob {
  jobId: string;
  outcome: AfterOutcome;
  /**
   * For a job with a schedule: how far back before its fire a run of that job counts, in milliseconds, or since the local
   * midnight before it.
   */
  since?: number | 'midnight';
}

/** What a job follows; one with a schedule waits for it at its fires. */
export interface After {
  jobs: AfterJob[];
  /** For a job with a schedule: how long after its fire it waits at most, in milliseconds. */
  waitAtMostMs?: number;
}

/** The ids of the jobs that one follows. */
export function followedBy(after: After | null): string[] {
  return after?.jobs.map((job) => job.jobId) ?? [];
}

/** Whether a run that ended so is what a job waits for. */
export function isWanted(wanted: AfterOutcome, outcome: FinalOutcome): boolean {
  switch (wanted) {
    case 'any':
      return true;
    case 'completed':
      return outcome === 'completed';
    case 'failed':
      return outcome === 'failed' || outcome === 'timed_out';
  }
}

/** Why a job ended, or its only run was skipped, that followed one (its id) which has nothing left to follow. */
export function reasonOfEnd(followed: string): string {
  return `The job ${followed}, which it follows, has ended, and not as it was to.`;
}

/** Whether a job has no schedule of its own: each of its runs begins because the jobs that it follows have ended theirs. */
export function isChained(job: { after: After | null; frequency: unknown; executionTime: unknown }): boolean {
  return job.after !== null && job.frequency === null && job.executionTime === null;
}
