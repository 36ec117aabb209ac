import { readdirSync, readFileSync } from 'node:fs';

/** The variable that marks all that a run started: a process that left the group has it still. */
export const RUN_MARK = 'CARILLON_RUN_MARK';

/** A process that forks while the list is read is in the next one. */
const MAX_LOOKS = 5;

/** Kills the group that `pid` leads; one that has ended is no error. */
export function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/**
 * Kills the processes whose environment has the mark: those that left the group (`detached`, as browsers are started).
 * By /proc, so on Linux only; takes about 10 µs for each process of the machine or container.
 */
export function killMarked(mark: string): void {
  const needle = Buffer.from(`${RUN_MARK}=${mark}`);
  for (let look = 0; look < MAX_LOOKS; look += 1) {
    if (processIds().filter((pid) => hasInEnvironment(pid, needle) && kill(pid)).length === 0) return;
  }
}

function processIds(): number[] {
  try {
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  } catch {
    return [];
  }
}

/** Of other users' processes it is not ours to read; one that has ended has none. */
function hasInEnvironment(pid: number, needle: Buffer): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`).includes(needle);
  } catch {
    return false;
  }
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

/** The memory that a process holds, in MiB; undefined where that cannot be read. */
export function memoryMbOf(pid: number): number | undefined {
  try {
    const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kib === undefined ? undefined : Number(kib) / 1024;
  } catch {
    return undefined;
  }
}
