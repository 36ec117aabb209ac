import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { CarillonProblem, createClient, type Client } from '../../src/client/index.js';
import { endpoints } from '../../src/contract/endpoints.js';
import { startTestApi, type TestApi } from '../api/support.js';

let api: TestApi;
let client: Client;
const servers: Server[] = [];
beforeAll(async () => {
  api = await startTestApi();
  client = createClient({ url: api.url, key: await api.makeKey('admin') });
});
afterAll(() => api.close());
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const daily = { jobName: 'Report', jobType: 'recurring', frequency: 'daily' } as const;

test('the client has a function for every endpoint', () => {
  expect(Object.keys(client).toSorted()).toEqual(Object.keys(endpoints).toSorted());
});

test('a job is submitted, read, changed and cancelled', async () => {
  const { body: made, status } = await client.submitJob({ body: daily });
  expect([status, made.status]).toEqual([201, 'submitted']);
  const params = { jobId: made.jobId };
  const read = await client.getJob({ params });
  expect(read.body.jobName).toBe('Report');
  const ifMatch = read.headers.get('etag') ?? '';
  await client.updateJob({ params, body: { priority: 'high' }, ifMatch });
  await expect(client.updateJob({ params, body: { priority: 'low' }, ifMatch })).rejects.toMatchObject({ status: 412 });
  const preview = await client.updateJob({ params, query: { preview: true }, body: { frequency: 'weekly' } });
  expect(preview.body.status).toBe('preview');
  expect((await client.cancelJob({ params })).body.status).toBe('cancelled');
});

test('a list is read page by page, by the cursor of each answer', async () => {
  const tag = 'paged';
  const submitted = await Promise.all([1, 2, 3].map(() => client.submitJob({ body: { ...daily, tags: [tag] } })));
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.listJobs({ query: { tag, limit: 2, ...(cursor !== undefined && { cursor }) } });
    seen.push(...page.body.map((job) => job.jobId));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  expect(seen.toSorted()).toEqual(submitted.map(({ body }) => body.jobId).toSorted());
});

test('a body that is a text goes out as it is', async () => {
  const { body } = await client.importJobs({
    query: { dryRun: true },
    body: '30 9 * * * curl -fsS https://example.com/\n',
  });
  expect(body.jobs).toHaveLength(1);
});

test('a client of a project calls there', async () => {
  const key = await api.makeKey('viewer');
  const inDefault = createClient({ url: api.url, key, project: 'default' });
  expect((await inDefault.getCaller()).body.project?.slug).toBe('default');
  const elsewhere = createClient({ url: api.url, key, project: 'other' });
  await expect(elsewhere.listJobs()).rejects.toMatchObject({ status: 404, code: 'project_not_found' });
});

test('a refusal is an error that holds the problem', async () => {
  const refused = await client
    .submitJob({ body: { ...daily, frequency: 'now and then' } })
    .catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(CarillonProblem);
  expect(refused).toMatchObject({
    status: 422,
    code: 'validation_failed',
    problem: { errors: [expect.objectContaining({ pointer: '/frequency' })] },
  });
});

test('an id cannot lead to another endpoint', async () => {
  for (const jobId of ['', '.', '..']) {
    await expect(client.getJob({ params: { jobId } })).rejects.toThrow('jobId is no part of a path');
  }
  await expect(client.getJob({ params: { jobId: '../keys' } })).rejects.toMatchObject({ status: 422 });
});

/** A client of a server that answers so, with what it was asked and how long it waited. */
async function against(answer: (res: ServerResponse, count: number) => void) {
  const asked: (string | undefined)[] = [];
  const waitedMs: number[] = [];
  const server = createServer((req, res) => {
    asked.push(req.headers['idempotency-key']?.toString());
    answer(res, asked.length);
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sleep = async (ms: number) => void waitedMs.push(ms);
  return { client: createClient({ url, key: 'k', sleep }), url, asked, waitedMs };
}

const busyTwice = (status: number) => (res: ServerResponse, count: number) =>
  count < 3
    ? res.writeHead(status, { 'retry-after': '7' }).end()
    : res.writeHead(200, { 'content-type': 'application/json' }).end('[]');

test.each([429, 503])('a read is repeated after a %d, when the API says', async (status) => {
  const { client: repeating, asked, waitedMs } = await against(busyTwice(status));
  expect((await repeating.listNodes()).status).toBe(200);
  expect([asked.length, waitedMs]).toEqual([3, [7_000, 7_000]]);
});

test('a write is repeated with its Idempotency-Key, and not without one', async () => {
  const withKey = await against(busyTwice(503));
  expect((await withKey.client.submitJob({ body: daily, idempotencyKey: 'once' })).status).toBe(200);
  expect(withKey.asked).toEqual(['once', 'once', 'once']);
  const without = await against(busyTwice(503));
  await expect(without.client.submitJob({ body: daily })).rejects.toMatchObject({ status: 503, retryAfterMs: 7_000 });
  await expect(without.client.revokeKey({ params: { keyId: 'a' } })).rejects.toMatchObject({ status: 503 });
  expect([without.asked.length, without.waitedMs]).toEqual([2, []]);
});

test.each([
  ['without Retry-After', 429, {}],
  ['that asks for too long a wait', 503, { 'retry-after': '3600' }],
  ['of another status', 500, { 'retry-after': '1' }],
])('a refusal %s is not repeated', async (_what, status, headers) => {
  const { client: once_, asked } = await against((res) => void res.writeHead(status, headers).end('<html>'));
  await expect(once_.listNodes()).rejects.toMatchObject({ status, code: 'not_from_carillon' });
  expect(asked).toHaveLength(1);
});

test('repeating ends after three times', async () => {
  const { client: patient, asked } = await against((res) => void res.writeHead(503, { 'retry-after': '1' }).end());
  await expect(patient.listNodes()).rejects.toMatchObject({ status: 503 });
  expect(asked).toHaveLength(4);
});

test('a key is not sent where a redirect leads', async () => {
  const elsewhere = await against((res) => void res.end('[]'));
  const { client: careful } = await against((res) => void res.writeHead(307, { location: elsewhere.url }).end());
  await expect(careful.listNodes()).rejects.toThrow(/fetch failed/);
  expect(elsewhere.asked).toEqual([]);
});
