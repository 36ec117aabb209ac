/** What a worker and the process of a run tell each other: JSON, one message a line, over file descriptor 3. */
import type { LogLevel, RunContext } from '../handlers/handler.js';

/** The file descriptor of the child that leads to the worker. */
export const CHANNEL_FD = 3;

export type Question = 'previousResult' | 'upstream';

/** A run's context, as far as it is data. `scheduledFor` is RFC 3339. */
export interface RunFacts extends Pick<RunContext, 'projectId' | 'jobId' | 'runId' | 'attempt'> {
  readonly scheduledFor: string;
}

/** A module of a plugin. `providesCarillon`: give it `carillon/handler` where it finds none. */
export interface ModuleToLoad {
  readonly handlersFile: string;
  readonly providesCarillon: boolean;
}

export type ToChild =
  /** Once, and first: run this handler of that file. */
  | { type: 'run'; module: ModuleToLoad; handler: string; facts: RunFacts; payload?: unknown }
  /** Once, and first: load that file and say which handlers it has. */
  | { type: 'check'; module: ModuleToLoad }
  | { type: 'abort'; message: string }
  | { type: 'answer'; id: number; value?: unknown; error?: string };

/** What a handler threw. Without a code it was an ordinary error. */
export interface ThrownError {
  code?: string | undefined;
  message: string;
  retryable?: boolean | undefined;
  retryAfterMs?: number | undefined;
}

export type FromChild =
  | { type: 'beat' }
  | { type: 'log'; level: LogLevel; message: string; fields?: Record<string, unknown> | undefined }
  | { type: 'progress'; fraction: number; message?: string | undefined }
  | { type: 'ask'; id: number; question: Question }
  | { type: 'handlers'; names: string[] }
  | { type: 'result'; value?: unknown }
  | { type: 'error'; error: ThrownError };
