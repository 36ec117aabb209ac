import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { killMarked } from '../shared/processes.js';
import { RUN_FOLDER_VARIABLE } from './environment.js';
import { isRunning } from './process-start.js';
import { hostPrefix, removeRunFolder } from './run-folder.js';

/**
 * Removes the folders of runs whose worker died, and first kills what still runs of them: another worker has taken those
 * runs up. Only of workers of this machine that are gone, and not changed for `olderThanMs`. Never rejects: what can't
 * be removed stays for the next sweep.
 *
 * @returns how many were removed
 */
export async function sweepRunFolders(parent: string, olderThanMs: number, nowMs = Date.now()): Promise<number> {
  const names = await readdir(parent).catch(() => []);
  let removed = 0;
  for (const name of names) {
    const folder = path.join(parent, name);
    try {
      if (!(await isLeftBehind(name)) || nowMs - (await stat(folder)).mtimeMs < olderThanMs) continue;
      killMarked(RUN_FOLDER_VARIABLE, folder);
      await removeRunFolder(folder);
      removed += 1;
    } catch {
      // Another worker sweeps as well, or it is not ours to remove.
    }
  }
  return removed;
}

async function isLeftBehind(name: string): Promise<boolean> {
  if (!name.startsWith(hostPrefix())) return false;
  const [, pid, start] = /^(\d+)-(\d+)-[A-Za-z0-9]{6}$/.exec(name.slice(hostPrefix().length)) ?? [];
  return pid !== undefined && start !== undefined && !(await isRunning(Number(pid), start));
}
