import { constants } from 'node:os';
import { HandlerError, NonRetryableError } from '../handler.js';
import type { CommandPayload } from './definition.js';
import type { Ended } from './process-group.js';
import { systemCode } from './system-error.js';

/** A shell's exit codes (POSIX, Shell Command Language 2.8.2). */
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;
const SIGNAL_BASE = 128;

const MAX_NAME_LENGTH = 200;

/** Of a path that leads nowhere. */
const NOT_FOUND_CODES: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);
/** Of a program that is there, or of arguments that the system does not take: it will not be otherwise next time. */
const NOT_EXECUTABLE_CODES: ReadonlySet<string> = new Set([
  'EACCES',
  'ENOEXEC',
  'EISDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'E2BIG',
]);

/** Why a command did not start. What is no fault of its (no memory, no more processes or files) may be tried again. */
export function startFailure(error: unknown, payload: CommandPayload): HandlerError {
  const code = systemCode(error);
  const program = JSON.stringify((payload.command?.[0] ?? '/bin/sh').slice(0, MAX_NAME_LENGTH));
  if (NOT_FOUND_CODES.has(code))
    return new NonRetryableError(
      'command_not_found',
      `The program ${program}, or the interpreter that it names, is not on this node.`,
      { cause: error },
    );
  if (NOT_EXECUTABLE_CODES.has(code))
    return new NonRetryableError(
      'command_not_executable',
      `The program ${program} cannot be executed, or its working folder not be entered (${code}).`,
      { cause: error },
    );
  return new HandlerError('command_not_started', `The command could not be started (${code}).`, { cause: error });
}

/** Why a command that ended has failed; undefined if it has not. */
export function endFailure({ exitCode, signal }: Ended, payload: CommandPayload): HandlerError | undefined {
  if (exitCode === null) {
    return new HandlerError('command_signal', `The command was ended by ${signal}.${hint(signal, payload)}`);
  }
  if ((payload.successExitCodes ?? [0]).includes(exitCode)) return undefined;
  const isGivenUp = exitCode === NOT_EXECUTABLE || exitCode === NOT_FOUND;
  const retryable = payload.retryExitCodes?.includes(exitCode) ?? !isGivenUp;
  const [code, why] = meaningOf(exitCode, payload);
  const message = `The command exited with code ${exitCode}${why}`;
  return retryable ? new HandlerError(code, message) : new NonRetryableError(code, message);
}

function meaningOf(exitCode: number, payload: CommandPayload): [code: string, why: string] {
  if (exitCode === NOT_FOUND) return ['command_not_found', ': a program was not found.'];
  if (exitCode === NOT_EXECUTABLE) return ['command_not_executable', ': a program could not be executed.'];
  const signal = Object.entries(constants.signals).find(([, number]) => SIGNAL_BASE + number === exitCode)?.[0];
  return ['command_exit', signal ? `: ${signal} ended a program that it ran.${hint(signal, payload)}` : '.'];
}

/** What a signal that we did not send says about a limit. */
function hint(signal: string | null, { limits }: CommandPayload): string {
  if (signal === 'SIGXCPU' && limits?.cpuTime !== undefined)
    return ` It used up its CPU time, limited to ${limits.cpuTime}.`;
  if (limits?.memory !== undefined) return ` Perhaps for want of memory, which was limited to ${limits.memory}.`;
  return signal === 'SIGKILL' ? ' Perhaps the node ran out of memory.' : '';
}
