// A process: a plain client that starts bare workflows. Its CPU is counted, as the API's is.
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';

/** Asked of this process. Instants are epoch milliseconds. */
export type ClientRequest =
  /** Start one for each of these, so many at a time; answers with how many. */
  | { dues: number[]; inFlight: number }
  /** Start as many as can be, so many at a time, for so long; answers with how many. */
  | { forMs: number; due: number; inFlight: number };

const [address, taskQueue] = process.argv.slice(2);
if (address === undefined || taskQueue === undefined) throw new Error('usage: bare-client ADDRESS TASK_QUEUE');
const client = new Client({ connection: await Connection.connect({ address }) });

const start = (due: number): Promise<unknown> =>
  client.workflow.start('bare', { taskQueue, workflowId: `bare/${randomUUID()}`, args: [due] });

async function answer(request: ClientRequest): Promise<number> {
  let started = 0;
  const runner = async (): Promise<void> => {
    if ('dues' in request) {
      for (let due = request.dues[started++]; due !== undefined; due = request.dues[started++]) await start(due);
      return;
    }
    for (const endAt = performance.now() + request.forMs; performance.now() < endAt; started++)
      await start(request.due);
  };
  await Promise.all(Array.from({ length: request.inFlight }, runner));
  return 'dues' in request ? request.dues.length : started;
}

process.on('message', (request: ClientRequest) => void answer(request).then((count) => process.send?.(count)));
process.send?.('ready');
