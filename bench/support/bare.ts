import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ClientRequest } from '../bare-client.js';
import type { WorkerRequest } from '../bare-worker.js';

/** A plain Temporal client and plain workers, each a process, on a task queue of their own: what Carillon is compared with. */
export interface Bare {
  readonly taskQueue: string;
  readonly pids: { client: number; workers: number[] };
  /** Starts one workflow for each due time (epoch milliseconds). */
  start(dues: number[]): Promise<void>;
  /** Starts workflows for so long, 50 at a time, and tells how many it were. */
  startFor(forMs: number, due: number): Promise<number>;
  /** How late the activities began since this was last asked, in milliseconds. */
  latenesses(): Promise<number[]>;
}

const TASK_QUEUE = 'bench-bare';
const IN_FLIGHT = 50;

/** Does `work` beside a client and so many workers. */
export async function withBare<T>(
  temporalAddress: string,
  work: (bare: Bare) => Promise<T>,
  workerCount = 1,
): Promise<T> {
  const [client, ...workers] = await Promise.all([
    launch('../bare-client.js', temporalAddress),
    ...Array.from({ length: workerCount }, () => launch('../bare-worker.js', temporalAddress)),
  ]);
  try {
    return await work({
      taskQueue: TASK_QUEUE,
      pids: { client: client.pid ?? 0, workers: workers.map(({ pid }) => pid ?? 0) },
      async start(dues) {
        await ask(client, { dues, inFlight: 10 });
      },
      startFor: (forMs, due) => ask(client, { forMs, due, inFlight: IN_FLIGHT }),
      latenesses: async () =>
        (await Promise.all(workers.map((one) => ask<number[]>(one, { latenesses: true })))).flat(),
    });
  } finally {
    client.kill();
    await Promise.all(workers.map((one) => ended(one, { stop: true })));
  }
}

async function launch(script: string, temporalAddress: string): Promise<ChildProcess> {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const child = fork(file, [temporalAddress, TASK_QUEUE], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const first = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  if (first[0] !== 'ready') throw new Error(`${file} did not come up`);
  return child;
}

async function ask<Answer>(child: ChildProcess, request: ClientRequest | WorkerRequest): Promise<Answer> {
  const answer = once(child, 'message');
  child.send(request);
  return ((await answer) as [Answer])[0];
}

async function ended(child: ChildProcess, request: WorkerRequest): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = once(child, 'exit');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  child.send(request);
  await exit;
  clearTimeout(timer);
}
