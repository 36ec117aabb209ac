import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { endpoints } from '../../src/contract/endpoints.js';
import { startTestApi, type TestApi } from './support.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const recurring = { jobType: 'recurring', executionTime: undefined, frequency: 'daily', timezone: 'Europe/Lisbon' };

describe('submitting', () => {
  test('a one-time job is 201, with where it can be read', async () => {
    const body = { jobName: 'Report', jobType: 'one-time', executionTime: '2099-03-03T06:00:00+01:00' };
    const answer = await api.call('POST', '/api/jobs', { body });
    expect(answer.status).toBe(201);
    expect(answer.json).toEqual({ jobId: expect.stringMatching(/^[0-9a-f-]{36}$/), status: 'submitted' });
    expect(answer.headers.location).toBe(`/api/jobs/${answer.json.jobId}`);
    const job = await api.call('GET', answer.headers.location ?? '');
    expect(job.json).toMatchObject({
      executionTime: '2099-03-03T05:00:00.000Z',
      nextRunAt: '2099-03-03T05:00:00.000Z',
    });
  });

  test('whatever was submitted is shown again, with what it was understood as', async () => {
    const submitted = {
      jobName: 'Morning report',
      jobType: 'recurring',
      frequency: '30 9 * * MON-FRI',
      timezone: 'Europe/Lisbon',
      priority: 'high',
      handler: 'http',
      payload: { method: 'POST', url: 'https://example.com/report', body: { nested: [1, 'ü', null] } },
      tags: ['reports', 'daily'],
      timeout: 'PT1M30S',
      retry: { maxAttempts: 5, initialInterval: 'PT0.5S', backoffCoefficient: 1.5, maxInterval: 'PT5M' },
    };
    const jobId = await api.submit({ executionTime: undefined, ...submitted });
    const answer = await api.call('GET', `/api/jobs/${jobId}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.etag).toMatch(/^"1\.[\w-]{16}"$/);
    expect(answer.json).toEqual({
      jobId,
      ...submitted,
      pool: 'default',
      overlap: 'skip',
      catchUp: { policy: 'last', window: 'PT1H' },
      status: 'pending',
      understoodAs: expect.stringContaining('09:30'),
      generation: 1,
      nextRunAt: expect.stringMatching(instant),
      runCount: 0,
      failureCount: 0,
      createdBy: expect.any(String),
      createdAt: expect.stringMatching(instant),
      lastUpdated: expect.stringMatching(instant),
    });
    expect(endpoints.getJob.ok.schema.parse(answer.json)).toEqual(answer.json);
  });

  test('what was left out has its default', async () => {
    const { json } = await api.call('GET', `/api/jobs/${await api.submit()}`);
    expect(json).toMatchObject({ handler: 'log', priority: 'medium', timezone: 'UTC', tags: [] });
    expect(json).not.toHaveProperty('payload');
    expect(json).not.toHaveProperty('frequency');
  });

  test('a payload of null is a payload', async () => {
    const { json } = await api.call('GET', `/api/jobs/${await api.submit({ payload: null })}`);
    expect(json).toHaveProperty('payload', null);
  });

  test('"now" is due at once', async () => {
    const before = Date.now();
    const { json } = await api.call('GET', `/api/jobs/${await api.submit({ executionTime: 'now' })}/status`);
    expect(Math.abs(Date.parse(json.nextRunAt) - before)).toBeLessThan(5_000);
  });

  test('an instant within the last hour is taken, an older one refused', async () => {
    const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
    await api.submit({ executionTime: ago(30 * 60_000) });
    const body = { jobName: 'x', jobType: 'one-time', executionTime: ago(2 * 3_600_000) };
    const answer = await api.call('POST', '/api/jobs', { body });
    expect([answer.status, answer.json.errors[0]?.pointer]).toEqual([422, '/executionTime']);
  });

  test('names are kept in NFC and without spaces around', async () => {
    const { json } = await api.call('GET', `/api/jobs/${await api.submit({ jobName: '  Cafe\u0301 ' })}`);
    expect(json.jobName).toBe('Caf\u00e9');
  });

  test('each accepted job is told to the dispatcher', async () => {
    const before = api.commits();
    await api.submit();
    expect(api.commits()).toBe(before + 1);
  });

  test('200 at once are all taken in, each once', async () => {
    const before = (await api.call('GET', '/api/jobs?tag=crowd&limit=200')).list.length;
    const ids = await Promise.all(Array.from({ length: 200 }, () => api.submit({ tags: ['crowd'] })));
    expect(new Set(ids).size).toBe(200);
    expect((await api.call('GET', '/api/jobs?tag=crowd&limit=200')).list).toHaveLength(before + 200);
  });
});

describe('status', () => {
  test('of a new job is pending, with its next run', async () => {
    const jobId = await api.submit(recurring);
    const { status, json } = await api.call('GET', `/api/jobs/${jobId}/status`);
    expect(status).toBe(200);
    expect(json).toEqual({
      jobId,
      status: 'pending',
      lastUpdated: expect.stringMatching(instant),
      nextRunAt: expect.stringMatching(instant),
    });
  });

  test('is 404 for a job that is not there', async () => {
    const { status, json } = await api.call('GET', '/api/jobs/0198c0de-7a1b-7c3d-8e4f-1234567890ab/status');
    expect([status, json.code]).toEqual([404, 'job_not_found']);
  });
});

describe('pausing and resuming', () => {
  test('a paused job says so, with why and until when, and has no next run; a resumed one has it again', async () => {
    const jobId = await api.submit(recurring);
    const paused = await api.call('POST', `/api/jobs/${jobId}/pause`, {
      body: { reason: 'Moving', until: '2099-01-01T00:00:00Z' },
    });
    expect([paused.status, paused.json]).toEqual([200, { jobId, status: 'paused' }]);
    const { json } = await api.call('GET', `/api/jobs/${jobId}`);
    expect(json).toMatchObject({
      status: 'paused',
      pause: { reason: 'Moving', until: '2099-01-01T00:00:00.000Z' },
      generation: 2,
    });
    expect(json).not.toHaveProperty('nextRunAt');

    const resumed = await api.call('POST', `/api/jobs/${jobId}/resume`, { body: { catchUp: 'none' } });
    expect([resumed.status, resumed.json]).toEqual([200, { jobId, status: 'resumed', fires: 0, caughtUp: 0 }]);
    const after = await api.call('GET', `/api/jobs/${jobId}`);
    expect(after.json).toMatchObject({ status: 'pending', nextRunAt: expect.stringMatching(instant) });
    expect(after.json).not.toHaveProperty('pause');
  });

  test.each([
    ['nothing', {}],
    ['nothing, but a content type', { headers: { 'content-type': 'application/json' } }],
    ['an empty object', { body: {} }],
  ])('need no body: %s will do', async (_, options) => {
    const jobId = await api.submit(recurring);
    expect((await api.call('POST', `/api/jobs/${jobId}/pause`, options)).status).toBe(200);
    expect((await api.call('POST', `/api/jobs/${jobId}/resume`, options)).status).toBe(200);
  });

  test('a job that is not paused cannot be resumed: 409', async () => {
    const { status, json } = await api.call('POST', `/api/jobs/${await api.submit(recurring)}/resume`);
    expect([status, json.code]).toEqual([409, 'conflict']);
  });
});

describe('updating', () => {
  test('changes what is given and leaves the rest', async () => {
    const jobId = await api.submit({ ...recurring, tags: ['a'] });
    const answer = await api.call('PUT', `/api/jobs/${jobId}`, {
      body: { frequency: 'every 15 minutes', priority: 'low' },
    });
    expect([answer.status, answer.json]).toEqual([200, { jobId, status: 'updated' }]);
    const { json, headers } = await api.call('GET', `/api/jobs/${jobId}`);
    expect(json).toMatchObject({
      frequency: 'every 15 minutes',
      priority: 'low',
      tags: ['a'],
      jobName: 'Report',
      generation: 2,
    });
    expect(headers.etag).toMatch(/^"2\./);
  });

  test('of a job that has ended is 409', async () => {
    const jobId = await api.submit(recurring);
    await api.call('DELETE', `/api/jobs/${jobId}`);
    const { status, json } = await api.call('PUT', `/api/jobs/${jobId}`, { body: { priority: 'low' } });
    expect([status, json.code]).toEqual([409, 'conflict']);
  });
});

describe('cancelling', () => {
  test('ends the job, and may be repeated', async () => {
    const jobId = await api.submit(recurring);
    for (let time = 0; time < 2; time++) {
      const answer = await api.call('DELETE', `/api/jobs/${jobId}`);
      expect([answer.status, answer.json]).toEqual([200, { jobId, status: 'cancelled' }]);
    }
    const { json } = await api.call('GET', `/api/jobs/${jobId}/status`);
    expect(json).toEqual({ jobId, status: 'cancelled', lastUpdated: expect.stringMatching(instant) });
  });
});

describe('running now', () => {
  test('is 202, with where the run can be read', async () => {
    const jobId = await api.submit(recurring);
    const answer = await api.call('POST', `/api/jobs/${jobId}/run`);
    expect(answer.status).toBe(202);
    expect(answer.json).toEqual({ jobId, runId: expect.any(String), status: 'triggered' });
    const run = await api.call('GET', answer.headers.location ?? '');
    expect(run.json).toMatchObject({ jobId, runId: answer.json.runId, trigger: 'manual', outcome: 'waiting' });
  });

  test('is 409 once the job has ended', async () => {
    const jobId = await api.submit(recurring);
    await api.call('DELETE', `/api/jobs/${jobId}`);
    expect((await api.call('POST', `/api/jobs/${jobId}/run`)).status).toBe(409);
  });
});
