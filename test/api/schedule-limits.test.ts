import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestApi, type TestApi } from './support.js';

/** Limits of the calls about schedules: each is told by the field or parameter that it concerns. */

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const preview = (body: object) => api.call('POST', '/api/schedules/preview', { body });
const recurring = { jobType: 'recurring', executionTime: undefined, frequency: 'daily' };

describe('what is asked of a schedule', () => {
  test('is at most 2,000 fires times expressions', async () => {
    const frequency = Array.from({ length: 20 }, (_, minute) => `${minute} 9 * * *`);
    expect((await preview({ frequency, count: 100 })).status).toBe(200);
    const refused = await preview({ frequency, count: 101 });
    expect([refused.status, refused.json.errors]).toEqual([
      422,
      [{ pointer: '/count', message: 'must be at most 100 for 20 expressions' }],
    ]);
  });

  test('is at most 100 years ahead', async () => {
    expect((await preview({ frequency: 'daily', after: '2200-01-01T00:00:00Z' })).json.errors).toEqual([
      { pointer: '/after', message: 'must be at most 100 years ahead' },
    ]);
    const jobId = await api.submit(recurring);
    const explained = await api.call('GET', `/api/jobs/${jobId}/explain?at=2200-01-01T00:00:00Z`);
    expect(explained.json.errors).toEqual([{ parameter: 'at', message: 'must be at most 100 years ahead' }]);
  });

  test('may have an offset whose plus sign was not encoded', async () => {
    const jobId = await api.submit(recurring);
    const explained = await api.call('GET', `/api/jobs/${jobId}/explain?at=2030-01-01T01:00:00+01:00`);
    expect([explained.status, explained.text]).toEqual([
      200,
      expect.stringContaining('"at":"2030-01-01T00:00:00.000Z"'),
    ]);
  });
});

test('a backfill is refused while more than 1,000 runs of backfills would wait', async () => {
  const jobId = await api.submit({ ...recurring, frequency: 'every second' });
  const at = (secondsAgo: number) => new Date(Date.now() - secondsAgo * 1_000).toISOString();
  const backfill = (from: number, to: number) =>
    api.call('POST', `/api/jobs/${jobId}/backfill`, { body: { from: at(from), to: at(to) } });
  expect((await backfill(2_500, 1_700)).status).toBe(202);
  const refused = await backfill(1_600, 1_000);
  expect([refused.status, refused.json.detail]).toEqual([
    409,
    expect.stringMatching(/has 80\d runs of backfills that wait/),
  ]);
});

test('a retry takes no fields', async () => {
  const jobId = await api.submit(recurring);
  const refused = await api.call('POST', `/api/jobs/${jobId}/runs/${jobId}/retry`, { body: { payload: {} } });
  expect([refused.status, refused.json.errors[0]?.pointer]).toEqual([422, '/payload']);
});

test('the list of calendars leaves their days out', async () => {
  const body = { name: 'many', dates: ['2026-12-25', '2026-12-26'], weekdays: ['SU'] };
  expect((await api.call('POST', '/api/calendars', { body })).status).toBe(201);
  const { list } = await api.call('GET', '/api/calendars');
  expect(list).toEqual([
    { name: 'many', entries: 3, jobs: 0, lastUpdated: expect.any(String), updatedBy: expect.any(String) },
  ]);
});

test.each(['# only a comment\n', '\n\n'])('a crontab that names no job is refused: %j', async (raw) => {
  const headers = { 'content-type': 'text/plain' };
  const refused = await api.call('POST', '/api/jobs/import?dryRun=true', { raw, headers });
  expect([refused.status, refused.json.detail]).toEqual([422, expect.stringMatching(/names no job/)]);
});
