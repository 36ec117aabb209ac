import { readFileSync } from 'node:fs';

/** The memory that a process holds, in MiB; undefined where that cannot be read. */
export function memoryMbOf(pid: number): number | undefined {
  try {
    const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kib === undefined ? undefined : Number(kib) / 1024;
  } catch {
    return undefined;
  }
}
