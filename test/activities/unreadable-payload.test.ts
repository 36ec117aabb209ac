import { afterAll, beforeAll, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { v7 as uuidv7 } from 'uuid';
import type { Place } from '../../src/security/encryption/vault.js';
import { commandsBench, type CommandsBench } from '../support/commands-bench.js';
import { OTHER_KEY, testVault, vaultOf } from '../support/encryption.js';
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
    payload: 'canary '.repeat(4),
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

const [TAG_BYTES, HEADER_BYTES] = [16, 6];
const elsewhere = 'was changed since it was sealed, or is of another place';
const seal = (place: Place) => testVault.seal(place, Buffer.from('"canary"'));
const damages: [how: string, damage: (sealed: Buffer, place: Place) => Buffer, why: string][] = [
  ['was changed', (sealed) => Buffer.from(sealed.map((byte, at) => byte ^ Number(at === 40))), elsewhere],
  ['has no tag', (sealed) => sealed.subarray(0, -TAG_BYTES), elsewhere],
  ['was cut', (sealed) => sealed.subarray(0, HEADER_BYTES), 'was cut'],
  ['is of another job', (_, place) => seal({ ...place, id: uuidv7() }), elsewhere],
  ['is of another project', (_, place) => seal({ ...place, projectId: uuidv7() }), elsewhere],
  ['is a result', (_, place) => seal({ ...place, kind: 'result' }), elsewhere],
];
test.each(damages)('that %s fails its run at the last attempt; no handler is called', async (_how, damage, why) => {
  const due = await dueJob(1);
  const place: Place = { projectId: bench.caller.projectId, kind: 'payload', id: due.jobId };
  const [row] = await bench.db.query<{ sealed: Buffer }>(
    sql`select payload_sealed as sealed from jobs where id = ${due.jobId}`,
  );
  if (!row) throw new Error('there is no job');
  await bench.db.query(sql`update jobs set payload_sealed = ${damage(row.sealed, place)} where id = ${due.jobId}`);
  let called = 0;
  const act = async () => void (called += 1);
  await expect(executeRun(bench, due, { act })).rejects.toThrow('payload_unreadable');
  expect(called).toBe(0);
  expect(await runOf(due.jobId)).toMatchObject({
    outcome: 'failed',
    error: { code: 'payload_unreadable', message: `The payload of ${due.jobId} ${why}.` },
  });
});
