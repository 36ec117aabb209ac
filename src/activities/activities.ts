import type { Command } from '../domain/job.js';
import type { ExecuteRunInput, WishAnswer } from '../workflows/messages.js';

/** Who commands from inside Temporal: an operator, by a signal, or the schedule itself (a pause whose time is over). */
export type CommandActor = 'operator' | 'scheduler';

/** What a worker of a pool does. */
export interface ExecutorActivities {
  /** Holds a run until its instant, claims it, runs its handler and writes how it ended. */
  executeRun(input: ExecuteRunInput): Promise<WishAnswer>;
}

/** The short activities beside the job workflows. */
export interface SchedulerActivities {
  /** A signal of an operator, carried out as the API would; an illegal one changes nothing. */
  commandJob(input: { jobId: string; command: Command; actor: CommandActor }): Promise<WishAnswer>;
  /** Ends a run that no worker could end itself. */
  recordOutcome(input: ExecuteRunInput): Promise<WishAnswer>;
}
