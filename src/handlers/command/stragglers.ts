import { readdir, readFile } from 'node:fs/promises';
import { RUN_FOLDER_VARIABLE } from './environment.js';

/** A process may fork between the look and the kill; what forks faster than this is left to the node's operator. */
const MAX_ROUNDS = 5;

/**
 * Kills the processes of a run that have left its process group (`setsid`, daemons): every child inherits the variable
 * that names the run's folder, and no other run has that folder. What clears its environment escapes. (Jenkins finds the
 * processes of a build the same way.) Does nothing where there is no /proc.
 */
export async function killStragglers(folder: string): Promise<void> {
  if (process.platform !== 'linux') return;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const pids = await processesOf(folder);
    if (pids.length === 0) return;
    pids.forEach(kill);
  }
}

async function processesOf(folder: string): Promise<number[]> {
  const variable = `\0${RUN_FOLDER_VARIABLE}=${folder}\0`;
  const pids: number[] = [];
  for (const name of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(name)) continue;
    // What has ended meanwhile, or belongs to another user, can't be read.
    const variables = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '');
    if (`\0${variables}`.includes(variable)) pids.push(Number(name));
  }
  return pids;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
