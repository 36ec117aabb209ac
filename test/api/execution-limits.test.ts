import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestApi, type TestApi } from './support.js';

/** What a job may say about how it runs, and what is said of what it may not. */

let api: TestApi;
let some: string;

beforeAll(async () => {
  api = await startTestApi();
  some = await api.submit({ jobType: 'recurring', frequency: 'daily', executionTime: undefined });
});
afterAll(() => api.close());

const recurring = { jobName: 'x', jobType: 'recurring', frequency: 'daily' };
const submit = (body: object) => api.call('POST', '/api/jobs', { body: { ...recurring, ...body } });
const many = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ job: `0198c0de-7a1b-7c3d-8e4f-${String(index).padStart(12, '0')}` }));

describe('a job is refused whose', () => {
  test.each([
    ['deadline is no duration', { deadline: '5 minutes' }, '/deadline', 'ISO 8601'],
    ['deadline is too long', { deadline: 'P31D' }, '/deadline', 'between'],
    ['concurrency has no key', { concurrency: { limit: 1 } }, '/concurrency/key', 'missing'],
    ['concurrency has an empty key', { concurrency: { key: ' ', limit: 1 } }, '/concurrency/key', 'empty'],
    ['concurrency has a long key', { concurrency: { key: 'k'.repeat(201), limit: 1 } }, '/concurrency/key', '200'],
    ['concurrency has no limit', { concurrency: { key: 'k' } }, '/concurrency/limit', 'whole number'],
    ['concurrency has no places', { concurrency: { key: 'k', limit: 0 } }, '/concurrency/limit', 'at least 1'],
    ['concurrency has half a place', { concurrency: { key: 'k', limit: 1.5 } }, '/concurrency/limit', 'whole number'],
    [
      'concurrency waits otherwise',
      { concurrency: { key: 'k', limit: 1, onLimit: 'x' } },
      '/concurrency/onLimit',
      'wait',
    ],
    ['concurrency says more', { concurrency: { key: 'k', limit: 1, max: 2 } }, '/concurrency/max', 'not a field'],
    ['nonRetryable is no code', { retry: { nonRetryable: ['Some Error'] } }, '/retry/nonRetryable/0', 'lower case'],
    ['after is no list', { after: 'job' }, '/after', 'list'],
    ['after is empty', { after: [] }, '/after', 'at least one'],
    ['after has no id', { after: [{ job: 'import' }] }, '/after/0/job', 'id of a job'],
    ['after names too many', { after: many(21) }, '/after', 'at most 20'],
    ['after names one twice', { after: [many(1)[0], many(1)[0]] }, '/after', 'once'],
    ['after names none that is there', { after: many(1) }, '/after/0/job', 'no job'],
    [
      'after wants another outcome',
      { after: [{ job: many(1)[0]?.job, outcome: 'ok' }] },
      '/after/0/outcome',
      'completed',
    ],
    ['since is no time', { after: [{ job: many(1)[0]?.job, since: 'noon' }] }, '/after/0/since', 'midnight'],
    ['waitAtMost has nothing to wait for', { waitAtMost: 'PT1H' }, '/waitAtMost', 'after'],
    ['schedule is missing, though it follows none', { frequency: undefined }, '/frequency', 'frequency'],
  ])('%s', async (_what, body, pointer, said) => {
    const { status, json } = await submit(body);
    expect([status, json.errors[0]?.pointer]).toEqual([422, pointer]);
    expect(json.errors[0]?.message).toContain(said);
  });
});

test('what a job says about how it runs is shown, changed and taken away', async () => {
  const given = {
    deadline: 'PT1H',
    concurrency: { key: 'billing', limit: 2, onLimit: 'skip' },
    after: [{ job: some, outcome: 'completed', since: 'PT6H' }],
    waitAtMost: 'PT2H',
  };
  const jobId = (await submit({ ...given, retry: { nonRetryable: ['timeout'] } })).json.jobId;
  const shown = async () =>
    JSON.parse((await api.call('GET', `/api/jobs/${jobId}`)).text) as Record<string, unknown> & { retry: object };
  expect(await shown()).toMatchObject(given);
  expect((await shown()).retry).toMatchObject({ nonRetryable: ['timeout'] });
  const put = (body: object) => api.call('PUT', `/api/jobs/${jobId}`, { body });
  expect((await put({ concurrency: { key: 'billing', limit: 3 }, waitAtMost: 'PT3H' })).status).toBe(200);
  expect(await shown()).toMatchObject({
    concurrency: { limit: 3, onLimit: 'wait' },
    after: given.after,
    waitAtMost: 'PT3H',
  });
  expect((await put({ deadline: null, concurrency: null, after: null, retry: { nonRetryable: [] } })).status).toBe(200);
  const bare = await shown();
  for (const field of [...Object.keys(given)]) expect(bare).not.toHaveProperty(field);
  expect(bare.retry).not.toHaveProperty('nonRetryable');
});

test('a job of another project is none to follow', async () => {
  const key = await api.makeKey('submitter', { projectId: '00000000-0000-7000-8000-000000000002' });
  const { status, json } = await api.call('POST', '/api/jobs', { key, body: { ...recurring, after: [{ job: some }] } });
  expect([status, json.errors[0]?.pointer]).toEqual([422, '/after/0/job']);
  expect(json.errors[0]?.message).toBe(`there is no job ${some} in this project`);
});

test('a job without a schedule says by what it runs, and has no fires to tell of', async () => {
  const body = { jobName: 'x', jobType: 'recurring', after: [{ job: some }] };
  const { jobId } = (await api.call('POST', '/api/jobs', { body })).json;
  const words = `each time the job ${some} has completed a run`;
  expect(JSON.parse((await api.call('GET', `/api/jobs/${jobId}`)).text)).toMatchObject({ understoodAs: words });
  const explained = await api.call('GET', `/api/jobs/${jobId}/explain?at=2027-01-01T00:00:00Z`);
  expect(JSON.parse(explained.text)).toMatchObject({
    code: 'no_fire',
    sentence: `The job has no schedule: it runs ${words}.`,
    understoodAs: words,
  });
  const preview = await api.call('PUT', `/api/jobs/${jobId}?preview=true`, { body: { tags: ['x'] } });
  expect([preview.status, preview.json.detail]).toEqual([
    409,
    'The job has no schedule: there are no fires to tell of.',
  ]);
});
