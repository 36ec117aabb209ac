import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * What tells a process from every other that had or will have its pid: the instant it began (and, on Linux, of which
 * boot). Undefined when no such process lives; a zombie, which waits only to be reaped, counts as gone.
 */
export function identityOf(pid: number): string | undefined {
  return process.platform === 'linux' ? linuxIdentity(pid) : psIdentity(pid);
}

/** Is `pid` still the process that had this identity? */
export function isStillThere(pid: number, identity: string): boolean {
  return identityOf(pid) === identity;
}

function linuxIdentity(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The second field is the program's name in parentheses and may hold anything, so count from its end (proc(5)):
  // state is field 3, starttime (in clock ticks since boot) field 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTime] = [fields[0], fields[19]];
  if (state === 'Z' || state === 'X') return undefined;
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${startTime}`;
}

function psIdentity(pid: number): string | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { LC_ALL: 'C' },
    });
    const [state, ...startedAt] = line.trim().split(/\s+/);
    return state === undefined || state.startsWith('Z') ? undefined : startedAt.join(' ');
  } catch {
    return undefined;
  }
}
