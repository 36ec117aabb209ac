import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { endpoints } from '../../src/contract/endpoints.js';
import { contentsOf, startTestApi, type Answer, type CallOptions, type TestApi } from './support.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ allow: ['command'] });
});
afterAll(() => api.close());

const job = (fields: Record<string, unknown> = {}) => ({
  ...{ jobName: 'Report', jobType: 'recurring', frequency: 'daily' },
  ...fields,
});
const submit = (jobs: unknown, options: CallOptions & { atomic?: unknown } = {}): Promise<Answer> => {
  const { atomic, ...rest } = options;
  return api.call('POST', '/api/jobs/batch', { body: { jobs, ...(atomic === undefined ? {} : { atomic }) }, ...rest });
};

interface Result {
  status: number;
  jobId?: string;
  problem?: { code: string; status: number; detail: string; traceId: string; errors?: { pointer: string }[] };
}
const resultsOf = ({ json }: Answer) => (json as unknown as { results: Result[] }).results;
const namesOf = async () => (await api.call('GET', '/api/jobs?limit=200')).list.map(({ jobName }) => jobName);

test('each job that is valid is taken in, and each other is told why not, in order', async () => {
  const before = api.commits();
  const answer = await submit([
    job({ jobName: 'first' }),
    job({ frequency: 'now and then' }),
    job({ jobName: 'third', exclude: { calendars: ['nowhere'] } }),
    { jobName: '', jobType: 'sometimes', 'a/b': 1 },
    'no job',
    null,
    job({ jobName: 'last', payload: null }),
  ]);
  expect(answer.status).toBe(200);
  expect(() => endpoints.submitBatch.ok.schema.parse(answer.json)).not.toThrow();
  const results = resultsOf(answer);
  expect(results.map(({ status }) => status)).toEqual([201, 422, 422, 422, 422, 422, 201]);
  const pointers = results.map(({ problem }) => problem?.errors?.map(({ pointer }) => pointer).toSorted());
  expect(pointers).toEqual([
    undefined,
    ['/jobs/1/frequency'],
    ['/jobs/2/exclude/calendars/0'],
    ['/jobs/3/a~1b', '/jobs/3/jobName', '/jobs/3/jobType'],
    ['/jobs/4'],
    ['/jobs/5'],
    undefined,
  ]);
  for (const [at, name] of [
    [0, 'first'],
    [6, 'last'],
  ] as const) {
    expect((await api.call('GET', `/api/jobs/${results[at]?.jobId}`)).json.jobName).toBe(name);
  }
  expect(api.commits()).toBe(before + 1);
});

test('with atomic, one that is refused keeps all out, and every problem is told', async () => {
  const before = await contentsOf(api.db);
  const answer = await submit([job(), job({ priority: 'urgent' }), job({ frequency: 'now and then' })], {
    atomic: true,
  });
  expect([answer.status, answer.json.code]).toEqual([422, 'validation_failed']);
  expect(answer.json.errors.map(({ pointer }) => pointer)).toEqual(['/jobs/1/priority', '/jobs/2/frequency']);
  expect(answer.json.detail).toContain('2 of 3 jobs');
  expect(await contentsOf(api.db)).toEqual(before);
});

test('with atomic, jobs that are all valid are all taken in', async () => {
  const results = resultsOf(await submit([job(), job()], { atomic: true }));
  expect(results.map(({ status }) => status)).toEqual([201, 201]);
});

test('a job that its sender may not submit is 403 among the others', async () => {
  const key = await api.makeKey('submitter');
  const command = job({ handler: 'command', payload: { command: ['true'] } });
  const results = resultsOf(await submit([command, job()], { key }));
  expect(results.map(({ status, problem }) => [status, problem?.code])).toEqual([
    [403, 'forbidden'],
    [201, undefined],
  ]);
  expect((await submit([job(), command], { key, atomic: true })).status).toBe(403);
});

test('jobs may exclude calendars and follow others, as by themselves', async () => {
  await api.call('POST', '/api/calendars', { body: { name: 'closed', dates: ['2099-12-24'] } });
  const followed = await api.submit();
  const results = resultsOf(
    await submit([
      job({ exclude: { calendars: ['closed'] } }),
      job({ frequency: undefined, after: [{ job: followed }] }),
    ]),
  );
  expect(results.map(({ status }) => status)).toEqual([201, 201]);
  const { json } = await api.call('GET', `/api/jobs/${results[0]?.jobId}`);
  expect(json).toMatchObject({ exclude: { calendars: ['closed'] } });
});

test('a batch is done once for an Idempotency-Key', async () => {
  const headers = { 'idempotency-key': 'batch-1' };
  const jobs = [job({ jobName: 'batch once' }), job({ frequency: 'no' })];
  const [first, again] = [await submit(jobs, { headers }), await submit(jobs, { headers })];
  expect([again.text, again.headers['idempotency-replayed']]).toEqual([first.text, 'true']);
  expect((await namesOf()).filter((name) => name === 'batch once')).toHaveLength(1);
  const other = await submit([job()], { headers });
  expect([other.status, other.json.code]).toEqual([422, 'idempotency_key_reused']);
});

describe('a batch is refused, whole,', () => {
  test.each<[string, unknown, string]>([
    ['without jobs', {}, '/jobs'],
    ['of no jobs', { jobs: [] }, '/jobs'],
    ['of 101 jobs', { jobs: Array.from({ length: 101 }, () => job()) }, '/jobs'],
    ['whose jobs are an object', { jobs: { 0: job() } }, '/jobs'],
    ['with what it does not know', { jobs: [job()], projectId: 'x' }, '/projectId'],
    ['whose atomic is a text', { jobs: [job()], atomic: 'true' }, '/atomic'],
    ['with a NUL in a job', { jobs: [job(), job({ jobName: 'a\0' })] }, '/jobs/1/jobName'],
    ['with half a surrogate pair', { jobs: [job({ payload: ['\ud800'] })] }, '/jobs/0/payload/0'],
  ])('%s', async (_, body, pointer) => {
    const before = await contentsOf(api.db);
    const answer = await api.call('POST', '/api/jobs/batch', { body });
    expect([answer.status, answer.json.errors[0]?.pointer]).toEqual([422, pointer]);
    expect(await contentsOf(api.db)).toEqual(before);
  });

  test.each(['{"__proto__":1}', '{"jobs":[{"__proto__":{"isAdmin":true}}]}', '{"jobs":[{"payload":{"__proto__":1}}]}'])(
    'as %s',
    async (raw) => {
      expect((await api.call('POST', '/api/jobs/batch', { raw })).json.detail).toContain('__proto__');
    },
  );

  test('of more than 4 MiB, with the limit in words', async () => {
    const answer = await api.call('POST', '/api/jobs/batch', { raw: `{"jobs":["${'x'.repeat(4 * 1024 * 1024)}"]}` });
    expect([answer.status, answer.json.code]).toEqual([413, 'payload_too_large']);
    expect(answer.json.detail).toContain('4096 KiB');
  });
});

test('fields that are not the sender’s to give are refused for each job', async () => {
  for (const field of ['projectId', 'createdBy', 'status', 'generation', 'id', 'constructor']) {
    const [result] = resultsOf(await submit([job({ [field]: 'x' })]));
    expect(result?.problem?.errors?.[0]?.pointer).toBe(`/jobs/0/${field}`);
  }
});

test('a job may be as deep in a batch as by itself, and a batch larger than a job', async () => {
  const nested = (levels: number) => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`) as unknown;
  const large = { payload: 'x'.repeat(60 * 1024) };
  const results = resultsOf(
    await submit([job({ payload: nested(31) }), ...Array.from({ length: 20 }, () => job(large))]),
  );
  expect(results.map(({ status }) => status)).toEqual(Array.from({ length: 21 }, () => 201));
  expect((await submit([job({ payload: nested(32) })])).status).toBe(422);
});

test('100 jobs are taken in by one request', async () => {
  const results = resultsOf(await submit(Array.from({ length: 100 }, (_, at) => job({ jobName: `of 100: ${at}` }))));
  expect(new Set(results.map(({ jobId }) => jobId)).size).toBe(100);
});
