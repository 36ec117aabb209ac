import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import sql from 'sql-template-tag';
import { changeQuotas, listSigningKeys, makeSigningKey, triggerJob } from '../../src/commands/index.js';
import { answerPlace } from '../../src/security/encryption/answer-place.js';
import { countKeysInUse, NOT_ENCRYPTED, rotateKeys } from '../../src/security/encryption/rotate.js';
import type { Vault } from '../../src/security/encryption/vault.js';
import { keepCall, readCall } from '../../src/store/idempotent-calls.js';
import { readQuotas } from '../../src/store/quotas.js';
import { commandsBench, type CommandsBench } from '../support/commands-bench.js';
import { OTHER_KEY, TEST_ENCRYPTION_KEYS, testVault, vaultOf } from '../support/encryption.js';
import { eventually } from '../support/eventually.js';
import { executeRun } from '../support/execute-run.js';

/** The key of the tests is the old one, and `other` the new one. */

const [before, after, newOnly] = [
  vaultOf(TEST_ENCRYPTION_KEYS, OTHER_KEY),
  vaultOf(OTHER_KEY, TEST_ENCRYPTION_KEYS),
  vaultOf(OTHER_KEY),
];

let bench: CommandsBench;
let projectId: string;
let processes: ChildProcess[] = [];
beforeEach(async () => {
  bench = await commandsBench();
  ({ projectId } = bench.caller);
});
afterEach(async () => {
  for (const child of processes) child.kill('SIGKILL');
  processes = [];
  await bench.close();
});

async function rotate(vault: Vault = after): Promise<string[]> {
  const unreadable: string[] = [];
  const onUnreadable = ({ message }: Error) => void unreadable.push(message);
  await rotateKeys({ db: bench.db, vault, onProgress: () => undefined, onUnreadable });
  return unreadable;
}
const keysInUse = async () => Object.fromEntries(await countKeysInUse(bench.db));

const payloadOf = async (jobId: string, vault = newOnly) => {
  const { payload } = await bench.job(jobId);
  return vault.openJson({ projectId, kind: 'payload', id: jobId }, payload);
};
const runsOf = async (jobId: string, vault = newOnly) => {
  const rows = await bench.db.query<{
    id: string;
    outcome: string;
    payload_sealed: Buffer | null;
    result_sealed: Buffer | null;
  }>(sql`select id, outcome, payload_sealed, result_sealed from runs where job_id = ${jobId} order by id`);
  const open = (kind: 'run-payload' | 'result', id: string, sealed: Buffer | null) =>
    sealed === null ? undefined : vault.openJson({ projectId, kind, id }, { sealed });
  return rows.map(({ id, outcome, payload_sealed, result_sealed }) => ({
    outcome,
    payload: open('run-payload', id, payload_sealed),
    result: open('result', id, result_sealed),
  }));
};
/** Who waits for a lock. */
const waits = sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
const echo = async (_context: unknown, payload: unknown) => payload;

test('what is plain, and what another key sealed, opens with the new key alone; nothing else of it changes', async () => {
  const [sealed, plain, empty] = [
    await bench.submit({ payload: 'sealed' }),
    await bench.submit({ payload: 'x' }),
    await bench.submit(),
  ];
  await bench.db.query(
    sql`update jobs set payload_sealed = null, payload = '{"plain": [1, null, "ü"]}' where id = ${plain}`,
  );
  const { runId } = await triggerJob(bench.ports, bench.caller, sealed, { payload: 'run' });
  await executeRun(bench, { jobId: sealed, runId }, { act: echo });
  const { runId: old } = await triggerJob(bench.ports, bench.caller, plain, {});
  await bench.db.query(sql`update runs set outcome = 'completed', result = 'null', payload = '[1]' where id = ${old}`);
  const keys = [await makeSigningKey(bench.ports, bench.caller), await makeSigningKey(bench.ports, bench.caller)];
  await bench.db.query(sql`update signing_keys set key_sealed = null, key = ${keys[0]?.key} where id = ${keys[0]?.id}`);
  const call = (key: string) => ({ projectId, principal: 'p', call: 'POST /api/jobs', key });
  const kept = { fingerprint: Buffer.alloc(32), status: 201, location: null, made: null };
  for (const key of ['sealed', 'plain']) {
    const body = testVault.sealJson(answerPlace(call(key)), 'an answer, "ü"');
    await keepCall(bench.db, call(key), { ...kept, body }, bench.now);
  }
  await bench.db.query(
    sql`update idempotent_calls set body_sealed = null, body = 'an answer, "ü"' where key = 'plain'`,
  );
  const others = sql`select to_jsonb(j) - 'payload' - 'payload_sealed' as row from jobs j order by id`;
  const unchanged = await bench.db.query(others);
  expect(await keysInUse()).toEqual({ [NOT_ENCRYPTED]: 5, test: 5 });

  expect(await rotate()).toEqual([]);
  expect(await keysInUse()).toEqual({ other: 10 });
  expect(await bench.db.query(others)).toEqual(unchanged);
  expect([await payloadOf(sealed), await payloadOf(plain), await payloadOf(empty)]).toEqual([
    'sealed',
    { plain: [1, null, 'ü'] },
    undefined,
  ]);
  expect(await runsOf(sealed)).toEqual([{ outcome: 'completed', payload: 'run', result: 'run' }]);
  expect(await runsOf(plain)).toEqual([{ outcome: 'completed', payload: [1], result: null }]);
  const opened = await listSigningKeys({ ...bench.ports, vault: newOnly }, bench.caller);
  expect(opened.map(({ key }) => key)).toEqual(keys.map(({ key }) => key).toReversed());
  for (const key of ['sealed', 'plain']) {
    const answer = await readCall(bench.db, call(key), bench.now);
    expect(newOnly.openJson(answerPlace(call(key)), answer?.body)).toBe('an answer, "ü"');
  }
  const version = sql`select xmin::text from jobs order by id`;
  const written = await bench.db.query(version);
  await rotate();
  expect(await bench.db.query(version)).toEqual(written);
});

test('runs that are claimed and finished meanwhile are neither lost nor done twice', async () => {
  const due = { jobType: 'one-time', frequency: undefined, executionTime: new Date(bench.now).toISOString() } as const;
  const jobs: string[] = [];
  for (let n = 0; n < 60; n++) jobs.push(await bench.submit({ ...due, payload: n }));
  const left = jobs.map((jobId, n) => ({ jobId, n }));
  const node = async (vault: Vault) => {
    for (let next = left.shift(); next; next = left.shift())
      await executeRun(bench, { jobId: next.jobId, fireAt: bench.now }, { vault, act: echo });
  };
  let isOver = false;
  let rounds = 0;
  const rotating = (async () => {
    while (!isOver) {
      await rotate(rounds % 2 === 0 ? after : before);
      rounds += 1;
    }
  })();
  await Promise.all([node(before), node(after), node(before)]);
  isOver = true;
  await rotating;
  expect(rounds).toBeGreaterThan(1);
  expect(await rotate()).toEqual([]);
  expect(await keysInUse()).toEqual({ other: 120 });
  for (const [n, jobId] of jobs.entries()) {
    expect(await payloadOf(jobId)).toBe(n);
    expect(await runsOf(jobId)).toEqual([{ outcome: 'completed', payload: undefined, result: n }]);
    expect(await bench.job(jobId)).toMatchObject({ status: 'completed', generation: 1 });
  }
});

test('two at once end, and leave one key', async () => {
  for (let n = 0; n < 20; n++) await bench.submit({ payload: n });
  await Promise.all([rotate(), rotate()]);
  expect(await keysInUse()).toEqual({ other: 20 });
});

test('what cannot be opened is told, stays, and keeps nothing else back', async () => {
  const [lost, kept] = [await bench.submit({ payload: 1 }), await bench.submit({ payload: 2 })];
  const foreign = vaultOf(`gone:${Buffer.alloc(32, 9).toString('base64')}`).sealJson(
    { projectId, kind: 'payload', id: lost },
    1,
  );
  await bench.db.query(sql`update jobs set payload_sealed = ${foreign?.sealed} where id = ${lost}`);
  expect(await rotate()).toEqual([`The payload of ${lost} is sealed with the key gone, which is not there.`]);
  expect(await keysInUse()).toEqual({ gone: 1, other: 1 });
  expect(await payloadOf(kept)).toBe(2);
});

test('a payload that is changed meanwhile is not overwritten with what it was', async () => {
  const jobId = await bench.submit({ payload: 'old' });
  const newer = before.sealJson({ projectId, kind: 'payload', id: jobId }, 'newer');
  const rotating = await bench.db.transaction(async (tx) => {
    await tx.query(sql`update jobs set payload_sealed = ${newer?.sealed} where id = ${jobId}`);
    const begun = rotate();
    await eventually(async () => expect(await bench.db.query(waits)).toHaveLength(1));
    return { begun };
  });
  expect(await rotating.begun).toEqual([]);
  expect(await payloadOf(jobId)).toBe('newer');
});

test('a quota that is used up refuses nothing of it, and its count stays right', async () => {
  const jobId = await bench.submit({ payload: 'abc' });
  await triggerJob(bench.ports, bench.caller, jobId, { payload: 'def' });
  await changeQuotas(bench.ports, projectId, { payloadBytes: 1 });
  await rotate();
  const used = async () => (await readQuotas(bench.db, projectId, bench.now))?.payloadBytes.used;
  const counted = await used();
  await changeQuotas(bench.ports, projectId, { payloadBytes: 1 });
  expect(counted).toBe(await used());
  const sealed = after.sealJson({ projectId, kind: 'payload', id: uuidv7() }, 'abc')?.sealed.length ?? 0;
  expect(counted).toBe(2 * sealed);
});

test('the command names the row of what was tampered with, leaves it as it is, seals the rest, and fails', async () => {
  const jobs: string[] = [];
  for (let n = 0; n < 5; n++) jobs.push(await bench.submit({ payload: n }));
  const [changed = '', cut = '', moved = '', damaged = '', kept = ''] = jobs;
  const put = (jobId: string, sealed: Buffer) =>
    bench.db.query(sql`update jobs set payload_sealed = ${sealed} where id = ${jobId}`);
  const seal = (id: string) => testVault.seal({ projectId, kind: 'payload', id }, Buffer.from('"x"'));
  await put(changed, Buffer.from(seal(changed).map((byte, at) => byte ^ Number(at === 20))));
  await put(cut, seal(cut).subarray(0, 12));
  await put(moved, seal(kept));
  await put(damaged, Buffer.from('damaged'));
  const { runId } = await triggerJob(bench.ports, bench.caller, kept, { payload: 'run' });
  await bench.db.query(sql`update runs set payload_sealed = ${seal(runId)} where id = ${runId}`);
  const tampered = sql`select id, payload_sealed from jobs where id <> ${kept} order by id`;
  const unopened = await bench.db.query(tampered);

  const { code, output } = await command(`${OTHER_KEY},${TEST_ENCRYPTION_KEYS}`).ended;
  const elsewhere = 'was changed since it was sealed, or is of another place';
  expect(new Set(output.split('\n').filter((line) => line.includes(': The ')))).toEqual(
    new Set([
      `jobs: The payload of ${changed} ${elsewhere}.`,
      `jobs: The payload of ${cut} was cut.`,
      `jobs: The payload of ${moved} ${elsewhere}.`,
      `jobs: The payload of ${damaged} is not sealed, or was damaged.`,
      `runs: The run-payload of ${runId} ${elsewhere}.`,
    ]),
  );
  expect(output).not.toContain('taken away');
  expect(code).toBe(1);
  expect(await bench.db.query(tampered)).toEqual(unopened);
  expect(await payloadOf(kept)).toBe(4);
});

/** The command, as an operator starts it. */
function command(keys: string): { child: ChildProcess; ended: Promise<{ code: number | null; output: string }> } {
  const child = spawn(process.execPath, [fileURLToPath(new URL('../../dist/rotate-keys.js', import.meta.url))], {
    env: { PATH: process.env['PATH'], DATABASE_URL: bench.databaseUrl, CARILLON_ENCRYPTION_KEYS: keys },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  processes.push(child);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, output }));
  return { child, ended };
}

test('killed in the middle and started again, the command ends: what somebody held is come back for', async () => {
  const jobs: string[] = [];
  for (let n = 0; n < 30; n++) jobs.push(await bench.submit({ payload: n }));
  const both = `${OTHER_KEY},${TEST_ENCRYPTION_KEYS}`;
  const held = await bench.db.transaction(async (tx) => {
    await tx.query(sql`select 1 from jobs where id = ${jobs[3]} for update`);
    const first = command(both);
    await eventually(async () => expect(await bench.db.query(waits)).toHaveLength(1));
    expect(await keysInUse()).toEqual({ other: 29, test: 1 });
    first.child.kill('SIGKILL');
    await first.ended;
    const second = command(both);
    await eventually(async () => expect(await bench.db.query(waits)).not.toHaveLength(0));
    return second;
  });
  const { code, output } = await held.ended;
  expect(output).toContain('jobs: 30 rows looked at, 1 sealed anew\n');
  expect(output).toContain('Only other is in use.\nNo longer in use, and may be taken away: test.\n');
  expect(code).toBe(0);
  expect(await Promise.all(jobs.map((jobId) => payloadOf(jobId)))).toEqual(jobs.map((_, n) => n));
});

test('the command tells the keys that may be taken away from those that are in use still', async () => {
  const jobId = await bench.submit({ payload: 1 });
  const unused = `unused:${Buffer.alloc(32, 9).toString('base64')}`;
  await bench.db.query(sql`update jobs set payload_sealed = substring(payload_sealed for 20) where id = ${jobId}`);
  const { code, output } = await command(`${OTHER_KEY},${TEST_ENCRYPTION_KEYS},${unused}`).ended;
  expect(output).toContain('Still in use beside other: test.');
  expect(output).toContain('No longer in use, and may be taken away: unused.\n');
  expect(code).toBe(1);
});

test('the command says which key is missing, and fails', async () => {
  const jobId = await bench.submit({ payload: 1 });
  const { code, output } = await command(OTHER_KEY).ended;
  expect(output).toContain(`The payload of ${jobId} is sealed with the key test, which is not there.`);
  expect(output).toContain('Still in use beside other: test.');
  expect(code).toBe(1);
});
