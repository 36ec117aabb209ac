import { tmpdir } from 'node:os';
import type { Handler, RunContext } from '../handler.js';
import { commandDefinition, type CommandPayload } from './definition.js';
import { DEFAULT_PATH } from './environment.js';
import { runIn } from './execution.js';
import type { CommandResult } from './result.js';
import { makeRunFolder, removeRunFolder } from './run-folder.js';
import type { Owner } from './standard-streams.js';
import { systemCode } from './system-error.js';

export interface CommandHandlerOptions {
  /** Where programs are looked for (`PATH`), unless the payload says otherwise. */
  readonly path?: string;
  /** Where the folders of the runs are made: a local file system; the system's folder for temporary files if not given. */
  readonly runFolders?: string;
  /** Whom commands run as, if not as the worker: both or none. The worker must be root then. */
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * Makes the `command` handler. `run` returns a {@link CommandResult} for an exit code that means success and throws:
 * `command_exit` (retryable as the payload says), `command_signal`, `command_not_started` and `run_folder_failed`
 * (retryable), `command_not_found`, `command_not_executable`, `working_folder_missing` and `limits_unsupported` (not
 * retryable), or the reason of the run's signal. Nothing of a run is left when it settles: no process, no folder.
 *
 * @throws Error when only one of `uid` and `gid` is given
 */
export function createCommandHandler(options: CommandHandlerOptions = {}): Handler<CommandPayload> {
  const { path = DEFAULT_PATH, runFolders = tmpdir() } = options;
  const owner = ownerOf(options);
  return {
    definition: commandDefinition,
    run: (context, payload) => runAttempt(context, payload, { path, runFolders, owner }),
  };
}

/** One without the other would run commands in root's group, or as root. */
function ownerOf({ uid, gid }: CommandHandlerOptions): Owner | undefined {
  if (uid === undefined && gid === undefined) return undefined;
  if (uid === undefined || gid === undefined) throw new Error('Commands need both a uid and a gid, or none of them.');
  return { uid, gid };
}

async function runAttempt(
  context: RunContext,
  payload: CommandPayload,
  options: { path: string; runFolders: string; owner: Owner | undefined },
): Promise<CommandResult> {
  context.signal.throwIfAborted();
  const folder = await makeRunFolder(options.runFolders, options.owner);
  try {
    return await runIn(folder, context, payload, options);
  } finally {
    await removeRunFolder(folder).catch((error: unknown) =>
      context.log('warn', `The folder of the run could not be removed (${systemCode(error)}).`),
    );
  }
}
