import { CancellationScope, getExternalWorkflowHandle, log } from '@temporalio/workflow';
import { workflowIdOf } from '../domain/ids.js';
import { answerOfFailure, executeRun } from './executor.js';
import { UPDATE_SIGNAL, type RunLife, type WishAnswer } from './messages.js';

/**
 * The life of a run that goes on beside others of its job. A workflow of its own, so that the job's goes on, and continues as
 * new, whatever its runs do; at its end it tells the job's what there is to do by now.
 */
export async function run(life: RunLife): Promise<void> {
  const { jobId, runId, wish } = life;
  const input = { jobId, generation: wish.generation, runId };
  let answer: WishAnswer;
  try {
    answer = await executeRun(life, input);
  } catch (error) {
    answer = await CancellationScope.nonCancellable(() => answerOfFailure(error, input));
  }
  await CancellationScope.nonCancellable(async () => {
    try {
      await getExternalWorkflowHandle(workflowIdOf(jobId)).signal(UPDATE_SIGNAL, answer.wish, runId);
    } catch {
      log.info('the job of this run has ended');
    }
  });
}
