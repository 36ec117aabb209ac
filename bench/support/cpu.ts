import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second, in proc(5): always 100 on Linux. */
const TICKS_A_SECOND = 100;

interface ProcessTimes {
  parent: number;
  /** CPU time of it and of those of its children that have ended, in milliseconds. */
  cpuMs: number;
}

/** The CPU time used until now, in milliseconds, by part: of the parts that are asked for. */
export type CpuTimes = Record<string, number>;

/** The parts of the system that `npm start` (this process) runs. */
export function partsOf(npmStart: number): Record<string, number[]> {
  const parts: Record<string, number[]> = {};
  const all = allProcesses();
  for (const pid of withDescendants(all, [npmStart])) {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    const part = /server start-dev/.test(command)
      ? 'Temporal'
      : /^\S*postgres\b/.test(command)
        ? 'Postgres'
        : /dist\/server\.js/.test(command)
          ? 'API'
          : /dist\/worker\.js/.test(command)
            ? 'worker'
            : 'rest';
    (parts[part] ??= []).push(pid);
  }
  // Backends come and go: those that have ended count with their parent, the newer ones are found as its children.
  return parts;
}

/** What each part (and the children of its processes) has used so far. */
export function cpuTimes(parts: Record<string, number[]>): CpuTimes {
  const all = allProcesses();
  const claimed = new Set<number>(Object.values(parts).flat());
  return Object.fromEntries(
    Object.entries(parts).map(([part, pids]) => {
      const mine = withDescendants(all, pids, claimed);
      return [part, mine.reduce((sum, pid) => sum + (all.get(pid)?.cpuMs ?? 0), 0)];
    }),
  );
}

/** How much of the machine's CPU was used by anyone since it began, in milliseconds. */
export function machineBusyMs(): number {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line.split(/\s+/).slice(1).map(Number);
  return ((user + nice + system + irq + softirq + steal) * 1000) / TICKS_A_SECOND;
}

/** CPU time of these processes and all their descendants so far, in milliseconds. */
export function treeCpuMs(pids: number[]): number {
  const all = allProcesses();
  return withDescendants(all, pids).reduce((sum, pid) => sum + (all.get(pid)?.cpuMs ?? 0), 0);
}

function withDescendants(all: Map<number, ProcessTimes>, roots: number[], claimed = new Set<number>()): number[] {
  const found = [...roots];
  for (const pid of found) {
    for (const [child, { parent }] of all) {
      if (parent === pid && !found.includes(child) && !claimed.has(child)) found.push(child);
    }
  }
  return found;
}

function allProcesses(): Map<number, ProcessTimes> {
  const all = new Map<number, ProcessTimes>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!pid) continue;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The second field is the program's name in parentheses, and may hold anything (proc(5)).
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
      all.set(pid, { parent: Number(fields[1]), cpuMs: (ticks * 1000) / TICKS_A_SECOND });
    } catch {
      // It has ended meanwhile.
    }
  }
  return all;
}
