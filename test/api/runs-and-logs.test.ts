import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { endpoints } from '../../src/contract/endpoints.js';
import { DEFAULT_PROJECT_ID } from '../../src/domain/ids.js';
import { appendRunLogs, type LogLine } from '../../src/store/run-logs.js';
import { startTestApi, type TestApi } from './support.js';

let api: TestApi;
let jobId: string;
const runIds: string[] = [];
const line = (second: number, level: LogLine['level'], message: string): LogLine => ({
  at: `2026-03-01T06:00:0${second}.123Z`,
  level,
  message,
});

beforeAll(async () => {
  api = await startTestApi();
  jobId = await api.submit({ jobType: 'recurring', executionTime: undefined, frequency: 'daily' });
  for (let day = 1; day <= 5; day++) {
    const runId = `0198c0de-7a1b-7c3d-8e4f-00000000000${day}`;
    runIds.push(runId);
    const failed = day === 4;
    const instant = `2026-03-0${day}T06:00:00Z`;
    await api.db
      .query(sql`insert into runs (id, project_id, job_id, trigger, fire_at, scheduled_for, outcome, reason, generation,
        attempts, started_at, finished_at, result, error, node)
      values (${runId}, ${DEFAULT_PROJECT_ID}, ${jobId}, 'schedule', ${instant}, ${instant}, ${failed ? 'failed' : 'completed'},
        ${failed ? 'The handler failed.' : null}, 1, ${failed ? 3 : 1}, ${instant}::timestamptz + interval '3.4567 ms',
        ${instant}::timestamptz + interval '1 s', ${failed ? null : JSON.stringify({ canary: 'result' })},
        ${failed ? JSON.stringify({ code: 'http_status', message: 'canary-error' }) : null}, 'node-1')`);
  }
  await api.db
    .query(sql`insert into runs (id, project_id, job_id, trigger, fire_at, scheduled_for, scheduled_until, fire_count,
      outcome, reason, generation)
    values ('0198c0de-7a1b-7c3d-8e4f-00000000000a', ${DEFAULT_PROJECT_ID}, ${jobId}, 'schedule', '2026-03-06T06:00:00Z',
      '2026-03-06T06:00:00Z', '2026-03-20T06:00:00Z', 15, 'skipped_paused', 'The job was paused.', 1)`);
  await api.db.query(
    sql`update jobs set last_run_id = ${runIds[4]}, run_count = 5, failure_count = 1 where id = ${jobId}`,
  );
  const run = (day: number) => ({ projectId: DEFAULT_PROJECT_ID, jobId, runId: runIds[day - 1] ?? '', attempt: 1 });
  await appendRunLogs(api.db, run(1), [line(0, 'info', 'one'), { ...line(1, 'warn', 'two'), fields: { a: [1] } }]);
  await appendRunLogs(api.db, run(2), [line(2, 'debug', 'three'), line(3, 'error', 'four'), line(4, 'info', 'five')]);
});
afterAll(() => api.close());

const days = (list: { scheduledFor: string }[]) => list.map((run) => Number(run.scheduledFor.slice(8, 10)));
const runs = async (query = '') => days((await api.call('GET', `/api/jobs/${jobId}/runs?${query}`)).list);

describe('the ledger', () => {
  test('is an array, newest first, instants in milliseconds', async () => {
    const { list } = await api.call('GET', `/api/jobs/${jobId}/runs`);
    expect(days(list)).toEqual([6, 5, 4, 3, 2, 1]);
    expect(endpoints.listRuns.ok.schema.parse(list)).toEqual(list);
    expect(list[5]).toEqual({
      runId: runIds[0],
      jobId,
      trigger: 'schedule',
      scheduledFor: '2026-03-01T06:00:00.000Z',
      fireCount: 1,
      startedAt: '2026-03-01T06:00:00.003Z',
      finishedAt: '2026-03-01T06:00:01.000Z',
      outcome: 'completed',
      attempts: 1,
      generation: 1,
      result: { canary: 'result' },
      node: 'node-1',
    });
  });

  test.each([
    ['outcome=failed', [4]],
    ['from=2026-03-04T06:00:00Z', [6, 5, 4]],
    ['to=2026-03-03T06:00:00Z', [2, 1]],
    ['from=2026-03-02T06:00:00Z&to=2026-03-04T06:00:00%2B00:00', [3, 2]],
    ['from=2026-03-15T00:00:00Z&to=2026-03-16T00:00:00Z', [6]],
    ['page=2&limit=2', [4, 3]],
  ])('of %s', async (query, expected) => {
    expect(await runs(query)).toEqual(expected);
  });

  test('by cursor has every run once', async () => {
    const seen: number[] = [];
    for (let path: string | undefined = `/api/jobs/${jobId}/runs?limit=4`; path;) {
      const { list, next } = await api.call('GET', path);
      seen.push(...days(list));
      path = next;
    }
    expect(seen).toEqual([6, 5, 4, 3, 2, 1]);
  });

  test('shows a stretch of fires in one row', async () => {
    const { list } = await api.call('GET', `/api/jobs/${jobId}/runs?outcome=skipped_paused`);
    expect(list[0]).toMatchObject({
      scheduledUntil: '2026-03-20T06:00:00.000Z',
      fireCount: 15,
      reason: 'The job was paused.',
    });
  });

  test('of a job that is not there is 404; a run of another job, too', async () => {
    const other = await api.submit();
    expect((await api.call('GET', '/api/jobs/0198c0de-7a1b-7c3d-8e4f-1234567890ab/runs')).json.code).toBe(
      'job_not_found',
    );
    const answer = await api.call('GET', `/api/jobs/${other}/runs/${runIds[0]}`);
    expect([answer.status, answer.json.code]).toEqual([404, 'run_not_found']);
    expect((await api.call('GET', `/api/jobs/${other}/runs`)).text).toBe('[]');
  });

  test('shows results and what a handler said only to those who may read payloads', async () => {
    const viewer = await api.makeKey('viewer');
    for (const path of ['/runs', `/runs/${runIds[0]}`, `/runs/${runIds[3]}`]) {
      const answer = await api.call('GET', `/api/jobs/${jobId}${path}`, { key: viewer });
      expect(answer.status).toBe(200);
      expect(answer.text).not.toContain('canary');
    }
    expect((await api.call('GET', `/api/jobs/${jobId}/runs/${runIds[3]}`)).json.error).toEqual({
      code: 'http_status',
      message: 'canary-error',
    });
  });
});

test('the last run stands with the job and its status', async () => {
  const lastRun = {
    runId: runIds[4],
    scheduledFor: '2026-03-05T06:00:00.000Z',
    startedAt: '2026-03-05T06:00:00.003Z',
    finishedAt: '2026-03-05T06:00:01.000Z',
    outcome: 'completed',
  };
  expect((await api.call('GET', `/api/jobs/${jobId}/status`)).json.lastRun).toEqual(lastRun);
  expect((await api.call('GET', `/api/jobs/${jobId}`)).json).toMatchObject({ lastRun, runCount: 5, failureCount: 1 });
});

describe('the logs', () => {
  const messages = async (query = '') =>
    (await api.call('GET', `/api/jobs/${jobId}/logs?${query}`)).json.logs.map((entry) => entry.message);

  test('are oldest first, with the run and attempt that wrote them', async () => {
    const { json } = await api.call('GET', `/api/jobs/${jobId}/logs`);
    expect(json.jobId).toBe(jobId);
    expect(json.logs).toHaveLength(5);
    expect(json.logs[1]).toEqual({
      timestamp: '2026-03-01T06:00:01.123Z',
      message: 'two',
      level: 'warn',
      runId: runIds[0],
      attempt: 1,
      fields: { a: [1] },
    });
    expect(endpoints.listLogs.ok.schema.parse(json)).toEqual(json);
  });

  test.each([
    ['level=debug', ['one', 'two', 'three', 'four', 'five']],
    ['level=info', ['one', 'two', 'four', 'five']],
    ['level=warn', ['two', 'four']],
    ['level=error', ['four']],
    ['runId=0198c0de-7a1b-7c3d-8e4f-000000000002', ['three', 'four', 'five']],
    ['since=2026-03-01T06:00:03.123Z', ['four', 'five']],
    ['limit=2', ['one', 'two']],
  ])('of %s', async (query, expected) => {
    expect(await messages(query)).toEqual(expected);
  });

  test('by cursor go on where the page before ended', async () => {
    const first = await api.call('GET', `/api/jobs/${jobId}/logs?limit=3`);
    const second = await api.call('GET', first.next ?? '');
    expect(second.json.logs.map((entry) => entry.message)).toEqual(['four', 'five']);
    expect(second.next).toBeUndefined();
  });

  test('of a job that is not there are 404', async () => {
    expect((await api.call('GET', '/api/jobs/0198c0de-7a1b-7c3d-8e4f-1234567890ab/logs')).status).toBe(404);
  });
});
