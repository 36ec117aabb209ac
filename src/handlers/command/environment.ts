import type { RunContext } from '../handler.js';
import { runVariables } from '../shared/environment.js';
import type { CommandPayload } from './definition.js';

/** Where programs are looked for, unless the operator or the payload says otherwise. */
export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Holds the folder of the run, and by that tells which processes are of the run, wherever they have gone. */
export const RUN_FOLDER_VARIABLE = 'CARILLON_RUN_FOLDER';

/** All variables of the program. Made from nothing: what the worker's own environment holds are keys and passwords. */
export function environmentFor(
  context: RunContext,
  payload: CommandPayload,
  folder: string,
  path: string,
): Record<string, string> {
  return {
    PATH: path,
    HOME: folder,
    TMPDIR: folder,
    LANG: 'C.UTF-8',
    ...payload.environment,
    [RUN_FOLDER_VARIABLE]: folder,
    ...runVariables(context),
  };
}
