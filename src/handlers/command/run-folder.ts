import { createHash } from 'node:crypto';
import { chmod, chown, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { HandlerError, NonRetryableError } from '../handler.js';
import type { Owner } from './standard-streams.js';
import { startMarkOf } from './process-start.js';
import { systemCode } from './system-error.js';

const PREFIX = 'carillon-run';

/**
 * Who made a folder, as its name tells: `carillon-run-<host>-<pid>-<start>-` and six random characters. The mark of the
 * start is there as process ids come again, in containers always the same.
 */
async function makerPrefix(pid: number): Promise<string> {
  return `${hostPrefix()}${pid}-${await startMarkOf(pid)}-`;
}

/** What the names begin with of all folders that workers of this machine made. */
export const hostPrefix = (): string =>
  `${PREFIX}-${createHash('sha256').update(hostname()).digest('hex').slice(0, 8)}-`;

/**
 * Makes an empty folder that only the command's user may enter.
 *
 * @throws HandlerError `run_folder_failed` (retryable)
 */
export async function makeRunFolder(parent: string, owner: Owner | undefined): Promise<string> {
  let folder: string | undefined;
  try {
    folder = await mkdtemp(path.join(parent, await makerPrefix(process.pid)));
    if (owner) await chown(folder, owner.uid, owner.gid);
    return folder;
  } catch (error) {
    if (folder) await rm(folder, { recursive: true, force: true });
    throw new HandlerError('run_folder_failed', `No folder for the run could be made (${systemCode(error)}).`, {
      cause: error,
    });
  }
}

/** Removes a folder and all that is in it. @throws the system's error where that can't be done */
export async function removeRunFolder(folder: string): Promise<void> {
  // A process that was killed may still be ending: what it creates meanwhile makes a folder "not empty".
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 3 });
  try {
    await remove();
  } catch (error) {
    // Root needs no permission, and should change none.
    if (process.getuid?.() === 0) throw error;
    // Caches of modules are full of folders without write permission.
    await makeFoldersWritable(folder);
    await remove();
  }
}

async function makeFoldersWritable(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeFoldersWritable(path.join(folder, entry.name));
  }
}

/** @throws NonRetryableError `working_folder_missing` */
export async function mustBeFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory()) return;
  throw new NonRetryableError('working_folder_missing', `There is no folder ${JSON.stringify(folder)} on this node.`);
}
