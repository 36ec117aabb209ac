import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { makeApiKey, writeApiKey } from '../../src/security/api-key.js';
import { openDatabase, type Database } from '../../src/store/database.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { startEntry, type Entry } from '../support/entries.js';
import { eventually } from '../support/eventually.js';
import { createTestTemporal, type TestTemporal } from '../support/temporal.js';

/** Processes die at the worst moment: nothing that was accepted may be lost. */

const ADMIN_KEY = writeApiKey(makeApiKey());

let database: TestDatabase;
let temporal: TestTemporal;
let db: Database;
let sink: Server;
let calls: { attempt: string; runId: string; answer: () => void }[] = [];
const entries: Entry[] = [];

beforeAll(async () => {
  [database, temporal] = await Promise.all([createTestDatabase(), createTestTemporal()]);
  db = openDatabase({ url: database.url, maxConnections: 2, applicationName: 'test' });
  sink = createServer((request: IncomingMessage, response: ServerResponse) => {
    const header = (name: string) => String(request.headers[name]);
    const answer = () => void response.end('ok');
    calls.push({ attempt: header('x-carillon-attempt'), runId: header('x-carillon-run-id'), answer });
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  const alive = entries.splice(0).filter((entry) => entry.child.exitCode === null && entry.child.signalCode === null);
  await Promise.all(alive.map((entry) => entry.kill('SIGKILL')));
  calls = [];
});
afterAll(async () => {
  sink.closeAllConnections();
  sink.close();
  await db.close();
  await database.drop();
});

const sinkPort = () => (sink.address() as AddressInfo).port;
const environment = () => ({
  DATABASE_URL: database.url,
  TEMPORAL_ADDRESS: temporal.address,
  TEMPORAL_NAMESPACE: temporal.namespace,
  CARILLON_HTTP_ALLOW: `127.0.0.1:${sinkPort()}`,
  CARILLON_SHUTDOWN_GRACE: 'PT1S',
});

async function worker(): Promise<Entry> {
  const entry = startEntry('worker', environment());
  entries.push(entry);
  await entry.says('the worker is at work');
  return entry;
}

async function api(env: Record<string, string> = {}): Promise<Entry & { url: string }> {
  const entry = startEntry('server', { ...environment(), PORT: '0', CARILLON_ADMIN_KEY: ADMIN_KEY, ...env });
  entries.push(entry);
  const { url } = await entry.says('the API is listening');
  return { ...entry, url: String(url) };
}

async function submitCall(url: string): Promise<string> {
  const response = await fetch(`${url}/api/jobs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      jobName: 'call',
      jobType: 'one-time',
      executionTime: 'now',
      handler: 'http',
      payload: { url: `http://127.0.0.1:${sinkPort()}/` },
    }),
  });
  expect(response.status).toBe(201);
  return ((await response.json()) as { jobId: string }).jobId;
}

const runs = (jobId: string) =>
  db.query<{ outcome: string; attempts: number; node: string }>(
    sql`select outcome, attempts, node from runs where job_id = ${jobId}`,
  );

describe('a worker', () => {
  test('killed in the middle of a run: another one makes the next attempt of the same run', async () => {
    const { url } = await api();
    const first = await worker();
    const jobId = await submitCall(url);
    await eventually(() => expect(calls).toHaveLength(1));
    await first.kill('SIGKILL');

    await worker();
    await eventually(() => expect(calls).toHaveLength(2), 40_000);
    calls[1]?.answer();
    await eventually(async () => expect(await runs(jobId)).toMatchObject([{ outcome: 'completed', attempts: 2 }]));
    expect(calls.map((call) => call.attempt)).toEqual(['1', '2']);
    expect(new Set(calls.map((call) => call.runId)).size).toBe(1);
  }, 90_000);

  test('told to stop in the middle of a run: the run is handed over, and the process ends', async () => {
    const { url } = await api();
    const first = await worker();
    const jobId = await submitCall(url);
    await eventually(() => expect(calls).toHaveLength(1));
    const second = await worker();
    await first.kill('SIGTERM');

    await eventually(() => expect(calls).toHaveLength(2), 40_000);
    calls[1]?.answer();
    await eventually(async () => expect(await runs(jobId)).toMatchObject([{ outcome: 'completed', attempts: 2 }]));
    expect(first.child.exitCode).toBe(0);
    const logs = await db.query<{ message: string }>(
      sql`select message from run_logs where job_id = ${jobId} order by id`,
    );
    expect(logs.map((line) => line.message).join('\n')).toContain('shuts down');
    await second.kill('SIGTERM');
  }, 90_000);
});

describe('the API', () => {
  test('killed between the commit and the dispatch: the job runs all the same', async () => {
    // With no Temporal at its address, the API is in this very moment until it dies.
    const { url, ...entry } = await api({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
    const jobId = await submitCall(url);
    await entry.kill('SIGKILL');
    expect(await runs(jobId)).toEqual([]);

    await worker();
    await eventually(() => expect(calls).toHaveLength(1), 40_000);
    calls[0]?.answer();
    await eventually(async () => expect(await runs(jobId)).toMatchObject([{ outcome: 'completed', attempts: 1 }]));
  }, 90_000);
});
