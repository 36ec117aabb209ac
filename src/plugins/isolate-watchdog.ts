import { Worker } from 'node:worker_threads';
import { BEAT_EVERY_MS } from './limits.js';

/** In a thread of its own, since a handler that never yields would never learn that its worker is gone. */
const watch = (workerPid: number): string => `
  setInterval(() => {
    if (process.ppid !== ${workerPid}) process.kill(-process.pid, 'SIGKILL');
  }, ${BEAT_EVERY_MS});
`;

/** Ends this process, and its group, within a second or so of its worker's end, whatever the handler does. */
export function startWatchdog(workerPid: number): void {
  const thread = new Worker(watch(workerPid), {
    eval: true,
    env: {},
    // Else it is tied to our standard output, which then refuses what native code writes too fast.
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 },
  });
  thread.unref();
}
