import { setTimeout as delay } from 'node:timers/promises';
import { signalGroup } from '../shared/processes.js';

/** How long a command may take to end after SIGTERM before it gets SIGKILL, in milliseconds. */
export const KILL_AFTER_MS = 5_000;

const LOOK_EVERY_MS = 50;

/** How the leading process ended: one of both is null. */
export interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Whether that was after the run's signal had aborted. */
  readonly wasStopped: boolean;
}

/** The leading process of a group, whose id is the group's. */
export interface Leader {
  readonly pid: number;
  readonly exited: Promise<Pick<Ended, 'exitCode' | 'signal'>>;
}

/**
 * Waits for the end of a process group, and sees to it: when `signal` aborts all of it gets SIGTERM, and
 * `KILL_AFTER_MS` later SIGKILL. When the leading process ends by itself, what it left behind is killed at once; after
 * a SIGTERM the others have the rest of their time.
 */
export async function endOfGroup(leader: Leader, signal: AbortSignal): Promise<Ended> {
  const { pid, exited } = leader;
  let killTimer: NodeJS.Timeout | undefined;
  let isKilled = false;
  const stop = () => {
    signalGroup(pid, 'SIGTERM');
    killTimer = setTimeout(() => {
      isKilled = true;
      signalGroup(pid, 'SIGKILL');
    }, KILL_AFTER_MS);
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  try {
    const ended = await exited;
    const wasStopped = killTimer !== undefined;
    while (wasStopped && !isKilled && signalGroup(pid, 0)) await delay(LOOK_EVERY_MS);
    return { ...ended, wasStopped };
  } finally {
    signal.removeEventListener('abort', stop);
    clearTimeout(killTimer);
    signalGroup(pid, 'SIGKILL');
  }
}
