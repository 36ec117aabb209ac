import { proxyActivities, sleep } from '@temporalio/workflow';
import type { BareActivities } from './bare-worker.js';

const { noOp } = proxyActivities<BareActivities>({ startToCloseTimeout: '1 minute' });

/** The least that a job can be in Temporal: one timer, one activity that does nothing. Instants are epoch milliseconds. */
export async function bare(due: number): Promise<void> {
  await sleep(due - Date.now());
  await noOp(due);
}

/** The same for a job that recurs. */
export async function bareRecurring(firstDue: number, everyMs: number, times: number): Promise<void> {
  for (let fire = 0; fire < times; fire++) await bare(firstDue + fire * everyMs);
}
