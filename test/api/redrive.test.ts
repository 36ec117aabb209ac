import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { endpoints } from '../../src/contract/endpoints.js';
import { DEFAULT_PROJECT_ID } from '../../src/domain/ids.js';
import { insertRun } from '../support/runs.js';
import { contentsOf, startTestApi, type TestApi } from './support.js';

/** What a redrive takes and answers; which runs it does again, and when, is in test/commands/redrive.test.ts. */

let api: TestApi;
let jobId: string;
const from = '2026-03-01T00:00:00Z';
const redrive = (body: object) => api.call('POST', '/api/runs/redrive', { body });
const rows = async () =>
  (await api.db.query<{ reason: string | null }>(sql`select reason from redrives order by due_at`)).map(
    (row) => row.reason,
  );

beforeAll(async () => {
  api = await startTestApi();
  jobId = await api.submit({ jobType: 'recurring', executionTime: undefined, frequency: 'daily' });
  for (const day of [2, 3]) {
    const scheduledFor = `2026-03-0${day}T06:00:00Z`;
    await insertRun(api.db, { projectId: DEFAULT_PROJECT_ID, jobId, scheduledFor, outcome: 'failed' });
  }
});
afterAll(() => api.close());

test('a dry run is 202, counts, and writes nothing', async () => {
  const before = await contentsOf(api.db);
  const answer = await redrive({ from, dryRun: true, perMinute: 60 });
  expect(answer.status).toBe(202);
  expect(endpoints.redriveRuns.ok.schema.parse(answer.json)).toMatchObject({
    ...{ count: 2, notRetryable: 0, dryRun: true, perMinute: 60, until: expect.any(String) },
  });
  expect([await contentsOf(api.db), await rows()]).toEqual([before, []]);
});

test('a redrive is 202, and its runs wait for their turns; asked again, it takes none; it can be stopped', async () => {
  expect((await redrive({ from, reason: 'It is mended.' })).json).toMatchObject({
    count: 2,
    dryRun: false,
    perMinute: 600,
  });
  expect(await rows()).toEqual(['It is mended.', 'It is mended.']);
  expect((await redrive({ from })).json).toEqual({ count: 0, notRetryable: 0, dryRun: false, perMinute: 600 });
  const stopped = await api.call('DELETE', '/api/runs/redrive');
  expect([stopped.status, stopped.json]).toEqual([200, { count: 2 }]);
  expect(await rows()).toEqual([]);
});

describe('is 422, and names the field', () => {
  test.each<[object, string]>([
    [{}, '/from'],
    [{ from: 'yesterday' }, '/from'],
    [{ from, to: from }, '/to'],
    [{ from, outcome: ['running'] }, '/outcome/0'],
    [{ from, outcome: [] }, '/outcome'],
    [{ from, perMinute: 0 }, '/perMinute'],
    [{ from, perMinute: 6_001 }, '/perMinute'],
    [{ from, job: 'report' }, '/job'],
    [{ from, errorCode: '' }, '/errorCode'],
    [{ from, status: 'failed' }, '/status'],
  ])('for %j', async (body, pointer) => {
    const { status, json } = await redrive(body);
    expect([status, json.errors.map((problem) => problem.pointer)]).toEqual([422, [pointer]]);
    expect(await rows()).toEqual([]);
  });
});
