// A process: one plain worker with default options for the bare workflows. It writes down how late each activity began.
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';

/** Asked of this process. */
export type WorkerRequest = { latenesses: true } | { stop: true };

let latenesses: number[] = [];

const activities = {
  async noOp(due: number): Promise<void> {
    latenesses.push(Date.now() - due);
  },
};
export type BareActivities = typeof activities;

const [address, taskQueue] = process.argv.slice(2);
if (address === undefined || taskQueue === undefined) throw new Error('usage: bare-worker ADDRESS TASK_QUEUE');
const connection = await NativeConnection.connect({ address });
const worker = await Worker.create({
  connection,
  taskQueue,
  activities,
  workflowsPath: fileURLToPath(new URL('./bare.workflow.js', import.meta.url)),
});
const running = worker.run();

process.on('message', (request: WorkerRequest) => {
  if ('stop' in request) {
    worker.shutdown();
    return;
  }
  process.send?.(latenesses);
  latenesses = [];
});
process.send?.('ready');
await running;
await connection.close();
process.disconnect();
