import { afterAll, beforeAll, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { commandsBench, type CommandsBench } from '../support/commands-bench.js';
import { OTHER_KEY, vaultOf } from '../support/encryption.js';
import { executeRun } from '../support/execute-run.js';

let bench: CommandsBench;
beforeAll(async () => {
  bench = await commandsBench();
});
afterAll(() => bench?.close());

/** A job whose fire has come, and its fire. */
async function dueJob(maxAttempts = 3): Promise<{ jobId: string; fireAt: number }> {
  const executionTime = new Date(bench.now).toISOString();
  const jobId = await bench.submit({
    jobType: 'one-time',
    frequency: undefined,
    executionTime,
    payload: 'canary',
    retry: { maxAttempts },
  });
  return { jobId, fireAt: bench.now };
}
const runOf = async (jobId: string) => {
  const [run] = await bench.db.query<{ id: string; outcome: string; error: { code: string; message: string } | null }>(
    sql`select id, outcome, error from runs where job_id = ${jobId}`,
  );
  if (!run) throw new Error('there is no run');
  return run;
};
const attemptsOf = (runId: string) =>
  bench.db.query<{ error: unknown }>(sql`select outcome, error from attempts where run_id = ${runId}`);

test('fails the attempt on a node without its key, which names the key; one that has it makes the next', async () => {
  const due = await dueJob();
  let called = 0;
  const act = async () => void (called += 1);
  await expect(executeRun(bench, due, { vault: vaultOf(OTHER_KEY), act })).rejects.toThrow('payload_unreadable');
  const { id: runId, outcome } = await runOf(due.jobId);
  expect([outcome, called]).toEqual(['running', 0]);
  const message = `The payload of ${due.jobId} is sealed with the key test, which is not there.`;
  expect(await attemptsOf(runId)).toEqual([{ outcome: 'failed', error: { code: 'payload_unreadable', message } }]);
  await executeRun(bench, { jobId: due.jobId, runId }, { act });
  expect([(await runOf(due.jobId)).outcome, called]).toEqual(['completed', 1]);
});

test('whose row was changed fails its run at the last attempt', async () => {
  const due = await dueJob(1);
  await bench.db.query(
    sql`update jobs set payload_sealed = set_byte(payload_sealed, 40, get_byte(payload_sealed, 40) # 1) where id = ${due.jobId}`,
  );
  await expect(executeRun(bench, due)).rejects.toThrow('payload_unreadable');
  expect(await runOf(due.jobId)).toMatchObject({
    outcome: 'failed',
    error: { code: 'payload_unreadable', message: expect.stringContaining('was changed since it was sealed') },
  });
});
