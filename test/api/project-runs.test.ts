import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { endpoints } from '../../src/contract/endpoints.js';
import { DEFAULT_PROJECT_ID } from '../../src/domain/ids.js';
import { insertRun, type GivenRun } from '../support/runs.js';
import { OTHER_PROJECT_ID, startTestApi, type TestApi } from './support.js';

let api: TestApi;
let report: string;
let mail: string;
const daily = { jobType: 'recurring', executionTime: undefined, frequency: 'daily' };
const day = (number: number) => `2026-03-0${number}T06:00:00Z`;

beforeAll(async () => {
  api = await startTestApi();
  report = await api.submit({ ...daily, jobName: 'Report', tags: ['nightly'] });
  mail = await api.submit({ ...daily, jobName: 'Mail', handler: 'http', payload: { url: 'https://example.com' } });
  const strange = await api.submit({ ...daily }, await api.makeKey('admin', { projectId: OTHER_PROJECT_ID }));
  const run = (jobId: string, number: number, given: Pick<GivenRun, 'outcome'> & Partial<GivenRun>) =>
    insertRun(api.db, { jobId, projectId: DEFAULT_PROJECT_ID, scheduledFor: day(number), ...given });
  await run(report, 1, { outcome: 'failed', errorCode: 'http_status' });
  await run(mail, 2, { outcome: 'completed', result: 'canary' });
  await run(report, 3, { outcome: 'timed_out', errorCode: 'timeout' });
  await run(mail, 4, { outcome: 'failed', errorCode: 'timeout', trigger: 'manual' });
  await run(report, 5, { outcome: 'missed', until: day(8), count: 4 });
  await run(strange, 6, { outcome: 'failed', projectId: OTHER_PROJECT_ID });
});
afterAll(() => api.close());

const days = (list: { scheduledFor: string }[]) => list.map((run) => Number(run.scheduledFor.slice(8, 10)));
const listed = (query = '') => api.call('GET', `/api/runs?${query}`);

test('the runs of all jobs are an array, newest first, with the names of their jobs; of this project only', async () => {
  const { status, list } = await listed();
  expect(status).toBe(200);
  expect(days(list)).toEqual([5, 4, 3, 2, 1]);
  expect(list.map((run) => run.jobName)).toEqual(['Report', 'Mail', 'Report', 'Mail', 'Report']);
  expect(endpoints.listProjectRuns.ok.schema.parse(list)).toEqual(list);
  expect(list[4]).toMatchObject({ jobId: report, outcome: 'failed', error: { code: 'http_status' } });
});

describe('only those', () => {
  test.each([
    ['outcome=failed', [4, 1]],
    ['outcome=failed,timed_out', [4, 3, 1]],
    ['from=2026-03-04T06:00:00Z', [5, 4]],
    ['to=2026-03-03T06:00:00Z', [2, 1]],
    // A row that tells of a stretch counts when the stretch reaches into what is asked for.
    ['from=2026-03-07T00:00:00Z', [5]],
    ['from=2026-03-07T00:00:00Z&outcome=failed', []],
    ['handler=http', [4, 2]],
    ['tag=nightly', [5, 3, 1]],
    ['tag=nightly&handler=http', []],
    ['errorCode=timeout', [4, 3]],
    ['trigger=manual', [4]],
    ['page=2&limit=2', [3, 2]],
    ['page=2&limit=1&from=2026-03-04T06:00:00Z', [4]],
  ])('of %s', async (query, expected) => {
    expect(days((await listed(query)).list)).toEqual(expected);
  });

  test('of a job', async () => {
    expect(days((await listed(`job=${mail}`)).list)).toEqual([4, 2]);
  });
});

test.each(['limit=2', 'limit=2&from=2026-03-02T06:00:00Z'])('by cursor has every run once: %s', async (query) => {
  const seen: number[] = [];
  for (let path: string | undefined = `/api/runs?${query}`; path;) {
    const { list, next } = await api.call('GET', path);
    seen.push(...days(list));
    path = next;
  }
  expect(seen).toEqual(query.includes('from') ? [5, 4, 3, 2] : [5, 4, 3, 2, 1]);
});

test('results and what a handler said are shown only to those who may read payloads', async () => {
  expect((await listed()).text).toContain('canary');
  const viewer = await api.makeKey('viewer');
  const answer = await api.call('GET', '/api/runs', { key: viewer });
  expect(answer.list).toHaveLength(5);
  expect(answer.text).not.toContain('canary');
});

test.each([
  ['outcome=broken', 'outcome'],
  ['outcome=failed,', 'outcome'],
  ['outcome=', 'outcome'],
  ['from=2026-03-04T06:00:00Z&to=2026-03-04T06:00:00Z', 'to'],
  ['job=report', 'job'],
  ['trigger=cron', 'trigger'],
  ['cursor=abc', 'cursor'],
  ['status=failed', 'status'],
])('a wrong query is 422 and names the parameter: %s', async (query, parameter) => {
  const { status, json } = await listed(query);
  expect([status, json.errors.map((problem) => problem.parameter)]).toEqual([422, expect.arrayContaining([parameter])]);
});
