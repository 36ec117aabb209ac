import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { workflowIdOf } from '../../src/domain/ids.js';
import { testHandler } from '../support/handlers.js';
import { timeTravel, type TimeTravel } from '../support/time-travel.js';

/** Whenever a workflow continues as new, nothing of a job's life may be lost or done twice. */
describe.each([1, 2, 3])('when the workflow continues as new after every %i turns', (turnsPerExecution) => {
  let time: TimeTravel;
  const work = testHandler('work');

  beforeAll(async () => {
    time = await timeTravel({ handlers: [work], life: { turnsPerExecution } });
  });
  afterAll(() => time?.close());

  test('a daily job with a pause, a resume, an update and a trigger in between has every fire once', async () => {
    const { scheduler } = time;
    const jobId = await scheduler.submit({
      jobName: 'daily',
      jobType: 'recurring',
      frequency: '@daily',
      handler: 'work',
    });
    await time.passes('5 days');
    await scheduler.pause(jobId);
    await time.passes('3 days');
    await scheduler.resume(jobId, { catchUp: 'last' });
    await time.passes('2 days');
    await scheduler.update(jobId, { frequency: '0 12 * * *' });
    await time.passes('5 days');
    await scheduler.trigger(jobId);
    await time.passes('1 days');

    const ledger = await scheduler.ledger(jobId);
    const scheduled = ledger.filter((row) => row.trigger === 'schedule');
    expect(new Set(scheduled.map((row) => row.at)).size).toBe(scheduled.length);
    expect(scheduled.filter((row) => row.outcome === 'skipped_paused')).toHaveLength(2);
    expect(scheduled.filter((row) => row.outcome === 'completed').length).toBeGreaterThanOrEqual(13);
    expect(ledger.filter((row) => row.trigger === 'manual').map((row) => row.outcome)).toEqual(['completed']);
    expect(new Set(ledger.map((row) => row.attempts))).toEqual(new Set([0, 1]));

    const first = await scheduler.events(jobId);
    expect(first.filter((event) => event.startsWith('run.finished'))).toHaveLength(
      ledger.filter((row) => row.outcome === 'completed').length,
    );
    // It did continue as new: the execution at hand knows nothing of the first fire.
    const { historyLength } = await scheduler.client.workflow.getHandle(workflowIdOf(jobId)).describe();
    expect(historyLength).toBeLessThan(80);
    await scheduler.cancel(jobId);
  });
});
