import { readFile } from 'node:fs/promises';
import { systemCode } from './system-error.js';

/** Where the system has no /proc. */
const UNKNOWN = '0';

/**
 * When a process started, in ticks since the machine did: with its id, that names it among all that had this id. `0` for
 * a process that is not there, or where the system does not tell.
 */
export async function startMarkOf(pid: number): Promise<string> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The second field, in parentheses, is the program's name, which may hold spaces and parentheses (proc_pid_stat(5)).
  const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
  return fields[19] ?? UNKNOWN;
}

/** Whether the process that had this id and start mark is still there. */
export async function isRunning(pid: number, start: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there, and another user's.
    if (systemCode(error) !== 'EPERM') return false;
  }
  return (await startMarkOf(pid)) === start;
}
