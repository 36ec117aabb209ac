import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { endpoints } from '../../src/contract/endpoints.js';
import { startTestApi, type Answer, type TestApi } from './support.js';

let api: TestApi;
const daily = { jobType: 'recurring', executionTime: undefined, frequency: 'daily' };
beforeAll(async () => {
  api = await startTestApi();
  await api.submit({ jobName: 'Alpha 100%', executionTime: '2099-01-03T00:00:00Z', tags: ['red'], priority: 'high' });
  await api.submit({ jobName: 'beta_one', executionTime: '2099-01-01T00:00:00Z', tags: ['red', 'blue'] });
  await api.submit({ ...daily, jobName: 'Gamma', priority: 'low' });
  const paused = await api.submit({
    ...daily,
    jobName: 'delta ÜBER',
    handler: 'http',
    payload: { url: 'https://example.com' },
  });
  await api.call('POST', `/api/jobs/${paused}/pause`);
  const cancelled = await api.submit({ jobName: 'Epsilon\\', executionTime: '2099-01-02T00:00:00Z' });
  await api.call('DELETE', `/api/jobs/${cancelled}`);
});
afterAll(() => api.close());

const names = ({ list: jobs }: Answer) => jobs.map((job) => job.jobName.split(/[ _\\]/)[0]);
const listed = (query: string) => api.call('GET', `/api/jobs?${query}`);

/** Every page from `first` on, following the Link headers. */
async function follow(first: string): Promise<Answer[]> {
  const pages: Answer[] = [];
  for (let path: string | undefined = first; path !== undefined; path = pages.at(-1)?.next) {
    pages.push(await api.call('GET', path));
    if (pages.length > 50) throw new Error('the list does not end');
  }
  return pages;
}

test('a list is an array of jobs, newest first', async () => {
  const answer = await api.call('GET', '/api/jobs');
  expect(answer.status).toBe(200);
  expect(names(answer)).toEqual(['Epsilon', 'delta', 'Gamma', 'beta', 'Alpha']);
  expect(endpoints.listJobs.ok.schema.parse(answer.list)).toEqual(answer.list);
  expect(answer.list[4]).toMatchObject({
    jobType: 'one-time',
    status: 'pending',
    executionTime: '2099-01-03T00:00:00.000Z',
  });
});

describe('only those', () => {
  test.each([
    ['status=paused', ['delta']],
    ['status=cancelled', ['Epsilon']],
    ['status=pending', ['Gamma', 'beta', 'Alpha']],
    ['type=recurring', ['delta', 'Gamma']],
    ['priority=high', ['Alpha']],
    ['handler=http', ['delta']],
    ['tag=red', ['beta', 'Alpha']],
    ['tag=blue', ['beta']],
    ['tag=green', []],
    ['q=alpha', ['Alpha']],
    ['q=ET', ['beta']],
    ['q=%C3%9Cber', ['delta']],
    ['q=%25', ['Alpha']],
    ['q=_', ['beta']],
    ['q=%5C', ['Epsilon']],
    ["q='", []],
    ['status=pending&type=one-time&tag=red&q=a', ['beta', 'Alpha']],
  ])('with %s', async (query, expected) => {
    expect(names(await listed(query))).toEqual(expected);
  });
});

describe('in the order of', () => {
  test.each([
    ['createdAt', ['Alpha', 'beta', 'Gamma', 'delta', 'Epsilon']],
    ['-createdAt', ['Epsilon', 'delta', 'Gamma', 'beta', 'Alpha']],
    ['jobName', ['Alpha', 'beta', 'delta', 'Epsilon', 'Gamma']],
    ['-jobName', ['Gamma', 'Epsilon', 'delta', 'beta', 'Alpha']],
    ['nextRunAt', ['Gamma', 'beta', 'Alpha', 'delta', 'Epsilon']],
    ['-nextRunAt', ['Alpha', 'beta', 'Gamma', 'Epsilon', 'delta']],
  ])('%s, the same by cursor, page after page', async (sort, expected) => {
    expect(names(await listed(`sort=${sort}`))).toEqual(expected);
    for (const limit of [1, 2, 5]) {
      const pages = await follow(`/api/jobs?sort=${sort}&limit=${limit}`);
      expect(pages.flatMap(names)).toEqual(expected);
      expect(pages).toHaveLength(Math.ceil(expected.length / limit));
    }
  });
});

test('pages by number', async () => {
  expect(names(await listed('page=1&limit=2'))).toEqual(['Epsilon', 'delta']);
  expect(names(await listed('page=3&limit=2'))).toEqual(['Alpha']);
  expect((await listed('page=4&limit=2')).list).toEqual([]);
});

test('the last page has no next one', async () => {
  expect((await listed('limit=5')).next).toBeUndefined();
  expect((await listed('limit=4')).next).toBeDefined();
});

test('the next page keeps the filters of this one', async () => {
  const pages = await follow('/api/jobs?status=pending&q=a&limit=1');
  expect(pages.flatMap(names)).toEqual(['Gamma', 'beta', 'Alpha']);
});

test('a part of the name is found in any letter case, of any alphabet', async () => {
  await api.submit({ jobName: 'Été ЖУК σίσυφος' });
  for (const part of ['été', 'ÉTÉ', 'жук', 'ΣΊΣΥΦ']) {
    expect(names(await listed(`q=${encodeURIComponent(part)}`))).toEqual(['Été']);
  }
  expect(names(await listed(`q=${encodeURIComponent('ete')}`))).toEqual([]);
});

test.each([
  ['in control characters', '\u0001'],
  ['that gets longer in lower case', 'İ'],
  ['that gets longer when it is composed', '\ufb2c'],
])('pages go on after the longest name, %s', async (_, letter) => {
  const tags = [`awkward ${letter.charCodeAt(0)}`];
  for (let i = 0; i < 2; i++) await api.submit({ jobName: letter.repeat(200), tags });
  const pages = await follow(`/api/jobs?sort=jobName&limit=1&tag=${encodeURIComponent(tags[0] ?? '')}`);
  expect(pages.map(({ status, list }) => [status, list.length])).toEqual([
    [200, 1],
    [200, 1],
  ]);
});

test('jobs submitted meanwhile move nothing on the pages by cursor', async () => {
  const first = await listed('limit=2&tag=moving');
  expect(first.list).toEqual([]);
  for (let i = 0; i < 4; i++) await api.submit({ jobName: `m${i}`, tags: ['moving'] });
  const page = await listed('limit=2&tag=moving');
  await api.submit({ jobName: 'm4', tags: ['moving'] });
  expect([...names(page), ...names(await api.call('GET', page.next ?? ''))]).toEqual(['m3', 'm2', 'm1', 'm0']);
});
