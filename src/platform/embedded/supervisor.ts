import { setTimeout as delay } from 'node:timers/promises';
import { lastWordsOf } from './logs.js';
import type { Exit, RunningProcess } from './processes.js';
import type { Say } from './progress.js';

const MOST_RESTARTS = 5;
/** Restarts longer ago than this count no more. */
const WITHIN_MS = 60_000;
const FIRST_PAUSE_MS = 500;

export interface SupervisorOptions {
  start: () => Promise<RunningProcess>;
  /** Asked when it ended: no when all is being stopped, or it never came up, and another try would end the same way. */
  mayRestart: () => boolean;
  /** Told once when it ended and is not started again. */
  onGivenUp: (process: RunningProcess, exit: Exit) => void;
  say: Say;
}

/** Starts a process and starts it again when it ends, after a pause that doubles; at most five times a minute. */
export async function supervise(options: SupervisorOptions): Promise<void> {
  const first = await options.start();
  keep(first, options).catch((error: unknown) => options.say(String(error)));
}

async function keep(first: RunningProcess, { start, mayRestart, onGivenUp, say }: SupervisorOptions): Promise<void> {
  let restarts: number[] = [];
  for (let process = first; ; process = await start()) {
    const exit = await process.exited;
    restarts = restarts.filter((at) => performance.now() - at < WITHIN_MS);
    if (!mayRestart() || restarts.length >= MOST_RESTARTS) {
      onGivenUp(process, exit);
      return;
    }
    say(`${howItEnded(process, exit)}\nIt is started again.`);
    await delay(FIRST_PAUSE_MS * 2 ** restarts.length);
    if (!mayRestart()) return;
    restarts.push(performance.now());
  }
}

/** A sentence, where its log is, and what it said last. */
export function howItEnded({ name, logFile, logFromByte }: RunningProcess, { code, signal }: Exit): string {
  const words = lastWordsOf(logFile, logFromByte);
  const sentence = `${name} ended unexpectedly (${signal ?? `exit code ${code}`}). Its log is ${logFile}`;
  return words === '' ? `${sentence}.` : `${sentence}, which ends:\n${words}`;
}
