import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { ExecutorActivities } from '../../src/activities/activities.js';
import { executorTaskQueueOf, runWorkflowIdOf, SCHEDULER_TASK_QUEUE, workflowIdOf } from '../../src/domain/ids.js';
import type { Wish } from '../../src/domain/wish.js';
import { registerSearchAttributes } from '../../src/platform/search-attributes.js';
import {
  JOB_WORKFLOW_TYPE,
  UPDATE_SIGNAL,
  type ExecuteRunInput,
  type JobLife,
  type WishAnswer,
} from '../../src/workflows/messages.js';
import { eventually } from '../support/eventually.js';
import { gate, type Gate } from '../support/handlers.js';
import { createTimeSkipping, workflowBundlePath } from '../support/temporal.js';

/**
 * The workflows alone, whose activity answers when the test says: the moment in which a run beside others is refused, and
 * its workflow has not ended yet, can be met in no other way.
 */

// The SDK tells of its workers' comings and goings on the terminal otherwise.
Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });

let env: TestWorkflowEnvironment;
let workers: Worker[];
let done: Promise<unknown>;
let executeRun: (input: ExecuteRunInput) => Promise<WishAnswer>;

beforeAll(async () => {
  env = await createTimeSkipping();
  await registerSearchAttributes(env.client);
  const activities: ExecutorActivities = { executeRun: (input) => executeRun(input) };
  const connection = env.nativeConnection;
  workers = [
    await Worker.create({
      connection,
      taskQueue: SCHEDULER_TASK_QUEUE,
      workflowBundle: { codePath: workflowBundlePath() },
    }),
    await Worker.create({ connection, taskQueue: executorTaskQueueOf('default'), activities }),
  ];
  done = Promise.all(workers.map((worker) => worker.run()));
});
afterAll(async () => {
  for (const worker of workers) worker.shutdown();
  await done;
  await env.teardown();
});

const JOB = '01900000-0000-7000-8000-000000000001';
const RUN = '01900000-0000-7000-8000-000000000002';
const wish = (generation: number, status: Wish['status'], parallel: string[] = []): Wish => ({
  ...{ generation, status, parallel, nextFire: null, openRuns: [], overlap: 'allow_all' },
  ...{ priorityKey: 3, pool: 'default', timeoutMs: 1_000 },
});

test('a run that was refused as its job was paused begins when the job was resumed in that moment', async () => {
  const refusal = gate();
  const asked: (string | undefined)[] = [];
  executeRun = refusedOnce(refusal, asked);
  const life: JobLife = {
    ...{ jobId: JOB, projectId: 'project', wish: wish(1, 'pending', [RUN]), shownStatus: 'pending', leadMs: 1_500 },
  };
  const workflowId = workflowIdOf(JOB);
  const handle = await env.client.workflow.start(JOB_WORKFLOW_TYPE, {
    workflowId,
    taskQueue: SCHEDULER_TASK_QUEUE,
    args: [life],
  });
  await refusal.reached;
  await handle.signal(UPDATE_SIGNAL, wish(2, 'paused'));
  // Heard one by one: of two that are heard at once the older is nothing to go by.
  await eventually(async () => expect(await timesOf(handle, 'upsertWorkflowSearchAttributesEventAttributes')).toBe(1));
  await handle.signal(UPDATE_SIGNAL, wish(3, 'pending', [RUN]));
  await eventually(async () =>
    expect(await timesOf(handle, 'startChildWorkflowExecutionFailedEventAttributes')).toBe(1),
  );
  refusal.open();
  // Each signal is a turn, in which the job looks whether the first workflow is closed by now.
  await eventually(async () => {
    await handle.signal(UPDATE_SIGNAL, wish(3, 'pending', [RUN])).catch(() => undefined);
    expect(asked).toEqual([RUN, RUN]);
  });
});

test('a run whose workflow ended without it having run begins again, though the job never heard of the pause', async () => {
  const refusal = gate();
  const [job, run] = [JOB.replace(/1$/, '3'), RUN.replace(/2$/, '4')];
  const asked: (string | undefined)[] = [];
  executeRun = refusedOnce(refusal, asked);
  const life: JobLife = {
    ...{ jobId: job, projectId: 'project', wish: wish(1, 'pending', [run]), shownStatus: 'pending', leadMs: 1_500 },
  };
  const options = { workflowId: workflowIdOf(job), taskQueue: SCHEDULER_TASK_QUEUE, args: [life] };
  const handle = await env.client.workflow.start(JOB_WORKFLOW_TYPE, options);
  await refusal.reached;
  await handle.signal(UPDATE_SIGNAL, wish(3, 'pending', [run]));
  await eventually(async () => expect(await timesOf(handle, 'workflowExecutionSignaledEventAttributes')).toBe(1));
  refusal.open();
  // Each signal is a turn, in which the job looks whether the first workflow is closed by now.
  await eventually(async () => {
    await handle.signal(UPDATE_SIGNAL, wish(3, 'pending', [run])).catch(() => undefined);
    expect(asked).toEqual([run, run]);
  });
});

test('a run is told to end also by a workflow of its job that did not start it', async () => {
  const atWork = gate();
  const [job, run] = [JOB.replace(/1$/, '5'), RUN.replace(/2$/, '6')];
  executeRun = async () => {
    await atWork.wait(new AbortController().signal);
    return { wish: wish(9, 'completed') };
  };
  const life: JobLife = {
    ...{ jobId: job, projectId: 'project', wish: wish(1, 'pending', [run]), shownStatus: 'pending', leadMs: 1_500 },
  };
  const options = { workflowId: workflowIdOf(job), taskQueue: SCHEDULER_TASK_QUEUE, args: [life] };
  const lost = await env.client.workflow.start(JOB_WORKFLOW_TYPE, options);
  await atWork.reached;
  await lost.terminate();
  const handle = await env.client.workflow.start(JOB_WORKFLOW_TYPE, options);
  await handle.signal(UPDATE_SIGNAL, { ...wish(2, 'pending', [run]), stop: [{ runId: run }] });
  const ofRun = env.client.workflow.getHandle(runWorkflowIdOf(run));
  await eventually(async () => expect(await timesOf(ofRun, 'workflowExecutionCancelRequestedEventAttributes')).toBe(1));
  atWork.open();
});

/** Refuses the first run when `refusal` opens, as the job is paused; the second one ends the job. */
function refusedOnce(refusal: Gate, asked: (string | undefined)[]): typeof executeRun {
  return async ({ runId }) => {
    asked.push(runId);
    if (asked.length > 1) return { wish: wish(4, 'completed') };
    await refusal.wait(new AbortController().signal);
    return { wish: wish(2, 'paused') };
  };
}

/** How often a workflow's history tells of something. */
async function timesOf(
  handle: { fetchHistory(): Promise<{ events?: object[] | null }> },
  attributes: string,
): Promise<number> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).filter((event) => (event as Record<string, unknown>)[attributes] != null).length;
}
