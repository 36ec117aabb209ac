import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { projectRoot } from '../../src/platform/embedded/dev-config.js';
import { makeApiKey, writeApiKey } from '../../src/security/api-key.js';
import { isAlive } from '../handlers/command-support.js';
import { startSink, type Sink } from '../handlers/support.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { startEntry, type Entry } from '../support/entries.js';
import { eventually } from '../support/eventually.js';
import { createTestTemporal } from '../support/temporal.js';

/** The handlers as an operator sets them up: by the environment of an API and a worker, each a process. */

const ADMIN_KEY = writeApiKey(makeApiKey());
let database: TestDatabase;
let sink: Sink;
let url: string;
const entries: Entry[] = [];

beforeAll(async () => {
  const temporal = await createTestTemporal();
  database = await createTestDatabase();
  sink = await startSink();
  const env = {
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    CARILLON_ALLOW: 'command',
    CARILLON_PLUGINS: path.join(projectRoot, 'examples/plugin-checksum'),
    CARILLON_HTTP_ALLOW: `127.0.0.1:${sink.port}`,
    CARILLON_SHUTDOWN_GRACE: 'PT1S',
    CANARY_OF_THE_WORKER: 'canary-0b1f',
  };
  const api = startEntry('server', { ...env, PORT: '0', CARILLON_ADMIN_KEY: ADMIN_KEY });
  const worker = startEntry('worker', env);
  entries.push(api, worker);
  url = String((await api.says('the API is listening'))['url']);
  await worker.says('the worker is at work');
}, 60_000);
afterAll(async () => {
  await Promise.all(entries.map((entry) => entry.kill('SIGTERM')));
  await sink?.close();
  await database?.drop();
}, 30_000);

async function call(method: string, where: string, body?: object): Promise<Record<string, unknown>> {
  const response = await fetch(url + where, {
    method,
    headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  return (await response.json()) as Record<string, unknown>;
}

/** Runs a job now, and gives its run when that has completed. */
async function run(handler: string, payload: object): Promise<{ result: Record<string, unknown>; runId: string }> {
  const { jobId } = await call('POST', '/api/jobs', {
    ...{ jobName: handler, jobType: 'one-time', executionTime: 'now', handler, payload },
  });
  return eventually(async () => {
    const [row] = (await call('GET', `/api/jobs/${String(jobId)}/runs`)) as unknown as Record<string, unknown>[];
    expect(row).toMatchObject({ outcome: 'completed' });
    return row as { result: Record<string, unknown>; runId: string };
  }, 30_000);
}

describe('a job', () => {
  test('runs a command, which sees nothing of the worker', async () => {
    const { result } = await run('command', { shell: 'env; echo done' });
    expect(result['stdout']).toContain('done');
    expect(result['stdout']).not.toContain('canary');
    expect(result['stdout']).not.toContain('DATABASE_URL');
  }, 60_000);

  test('whose run is cancelled leaves no process behind, and the ledger says who did it', async () => {
    const { jobId } = await call('POST', '/api/jobs', {
      ...{ jobName: 'sleeper', jobType: 'recurring', frequency: '@yearly', handler: 'command' },
      // The child takes no notice of SIGTERM.
      payload: { shell: 'sh -c \'trap "" TERM; while :; do sleep 0.1; done\' & echo child $!; wait' },
    });
    const { runId } = await call('POST', `/api/jobs/${String(jobId)}/run`);
    const pid = await eventually(async () => {
      const { logs } = (await call('GET', `/api/jobs/${String(jobId)}/logs`)) as { logs: { message: string }[] };
      const told = logs.map((line) => /^child (\d+)$/.exec(line.message)?.[1]).find(Boolean);
      expect(told).toBeDefined();
      return Number(told);
    }, 30_000);
    expect(isAlive(pid)).toBe(true);
    const where = `/api/jobs/${String(jobId)}/runs/${String(runId)}`;
    expect(await call('POST', `${where}/cancel`, { reason: 'Enough.' })).toMatchObject({ status: 'cancelling' });
    await eventually(async () => expect(await call('GET', where)).toMatchObject({ outcome: 'cancelled' }), 30_000);
    expect((await call('GET', where))['reason']).toMatch(/^It was cancelled by \w+: Enough\.$/);
    await eventually(() => expect(isAlive(pid)).toBe(false));
    expect(await call('GET', `/api/jobs/${String(jobId)}/status`)).toMatchObject({ status: 'pending' });
  }, 60_000);

  test('is done by a plugin, in a process of its own', async () => {
    const handlers = (await call('GET', '/api/handlers')) as unknown as { name: string; isolated: boolean }[];
    expect(handlers).toContainEqual(expect.objectContaining({ name: 'checksum', isolated: true }));
    const { result } = await run('checksum', { text: 'carillon' });
    expect(JSON.stringify(result)).toMatch(/[0-9a-f]{64}/);
  }, 60_000);

  test('signs what it sends by the key of its project', async () => {
    const { key } = await call('POST', '/api/signing-keys');
    // A node may know of no key for some seconds: ask until it does.
    const signed = await eventually(async () => {
      await run('http', { url: sink.url, body: { total: 3 } });
      const last = sink.received.at(-1);
      expect(last?.headers['webhook-signature']).toBeDefined();
      return last;
    }, 30_000);
    const headers = signed?.headers as Record<string, string>;
    expect(new Webhook(String(key)).verify(signed?.body ?? '', headers)).toEqual({ total: 3 });
  }, 60_000);
});

test.each([
  ['CARILLON_PLUGINS', 'no-such-package', 'no-such-package'],
  ['CARILLON_SQL_CONNECTIONS_FILE', '/nowhere/connections.json', 'CARILLON_SQL_CONNECTIONS_FILE'],
])('a worker whose %s is wrong does not start, and says why', async (variable, value, said) => {
  const worker = startEntry('worker', { DATABASE_URL: database.url, [variable]: value });
  const line = await worker.says('the start failed');
  expect(JSON.stringify(line)).toContain(said);
  await worker.kill('SIGKILL');
});
