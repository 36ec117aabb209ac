import type { Command, Fire } from '../domain/job.js';
import type { EndRunInput, ExecuteRunInput, WishAnswer } from '../workflows/messages.js';

/** Who commands from inside Temporal: an operator, by a signal, or the schedule itself (a pause whose time is over). */
export type CommandActor = 'operator' | 'scheduler';

export interface CommandInput {
  jobId: string;
  /** The newest generation that the workflow knows. */
  generation: number;
  command: Command;
  actor: CommandActor;
  /** The end of the pause that is over: a pause that was changed since is left as it is. */
  pauseUntil?: number;
}

/** What a worker of a pool does. */
export interface ExecutorActivities {
  /** Holds a run until its instant, claims it, runs its handler and writes how it ended. */
  executeRun(input: ExecuteRunInput): Promise<WishAnswer>;
}

/** The short activities beside the job workflows. */
export interface SchedulerActivities {
  /** A signal of an operator, carried out as the API would; an illegal one changes nothing. */
  commandJob(input: CommandInput): Promise<WishAnswer>;
  /** Ends a run that no worker could end itself. */
  recordOutcome(input: EndRunInput): Promise<WishAnswer>;
  /** The fire after one whose run is under way, for a job whose overlap policy has to act when it comes. */
  planNext(input: { jobId: string; after: number }): Promise<{ fire: Fire | null }>;
  /** At its instant, lets a fire wait for a worker beside the run that is under way. */
  takeBeside(input: { jobId: string; generation: number; fire: Fire }): Promise<WishAnswer>;
}
