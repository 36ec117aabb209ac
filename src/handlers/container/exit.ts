import { HandlerError, NonRetryableError } from '../handler.js';
import type { ContainerPayload } from './definition.js';
import { DEFAULT_MEMORY } from './limits.js';

/** Codes of Docker and of shells for a command that can't be run: as wrong at the next attempt. */
const CANNOT_RUN: Readonly<Record<number, string>> = {
  125: 'it could not be run',
  126: 'its command is not executable',
  127: 'its command was not found',
};
/** A process that a signal ended has this plus the signal's number. */
const SIGNAL_BASE = 128;
const LAST_SIGNAL = 64;

/** The failure of a container that ended with another code than 0. Its output is in the log, and is not repeated here. */
export function exitFailure(exitCode: number, oomKilled: boolean, { limits }: ContainerPayload): HandlerError {
  if (oomKilled) {
    const memory = limits?.memory ?? DEFAULT_MEMORY;
    // Retryable: what it needed may depend on the data of the day, or the host itself was short of memory.
    return new HandlerError(
      'container_out_of_memory',
      `The container was killed for want of memory; its limit is ${memory}.`,
    );
  }
  const why = CANNOT_RUN[exitCode];
  if (why !== undefined)
    return new NonRetryableError('container_exit', `The container ended with exit code ${exitCode}: ${why}.`);
  const signal = exitCode - SIGNAL_BASE;
  const killed = signal > 0 && signal <= LAST_SIGNAL ? `, as after signal ${signal}` : '';
  return new HandlerError('container_exit', `The container ended with exit code ${exitCode}${killed}.`);
}

/** The failure of a container that was refused its start, where its exit code says that the command is what is wrong. */
export function notStarted(exitCode: number): HandlerError | undefined {
  const why = CANNOT_RUN[exitCode];
  if (why === undefined) return undefined;
  return new NonRetryableError('container_exit', `The container could not be started (exit code ${exitCode}): ${why}.`);
}
