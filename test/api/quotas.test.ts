import { afterAll, beforeAll, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { testVault } from '../support/encryption.js';
import { OTHER_PROJECT_ID, startTestApi, type Answer, type TestApi } from './support.js';

/** Each test has a project of its own. */

let api: TestApi;
let instanceAdmin: string;
beforeAll(async () => {
  api = await startTestApi();
  instanceAdmin = await api.makeKey('admin', { isInstanceAdmin: true });
});
afterAll(() => api.close());

/** How many bytes a payload takes more than its JSON. */
const SEALING = testVault.seal({ projectId: '', kind: 'payload', id: '' }, Buffer.alloc(0)).length;
const job = { jobName: 'Report', jobType: 'one-time', executionTime: '2099-01-01T00:00:00Z' };

interface ProjectUnderTest {
  projectId: string;
  key: string;
  submit(fields?: Record<string, unknown>): Promise<Answer>;
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  setQuotas(quotas: Record<string, number | null>): Promise<void>;
  /** What GET /api/project says is used. */
  used(quota: string): Promise<number | undefined>;
}

let projects = 0;

async function newProject(): Promise<ProjectUnderTest> {
  projects += 1;
  const made = await api.call('POST', '/api/projects', { key: instanceAdmin, body: { slug: `project-${projects}` } });
  const { projectId } = made.json as unknown as { projectId: string };
  const key = await api.makeKey('admin', { projectId });
  const call: ProjectUnderTest['call'] = (method, path, body) =>
    api.call(method, path, { key, ...(body === undefined ? {} : { body }) });
  return {
    projectId,
    key,
    call,
    submit: (fields = {}) => call('POST', '/api/jobs', { ...job, ...fields }),
    async setQuotas(quotas) {
      const path = `/api/projects/${projectId}/quotas`;
      const answer = await api.call('PUT', path, { key: instanceAdmin, body: quotas });
      expect(answer.status).toBe(200);
    },
    async used(quota) {
      const { json } = await call('GET', '/api/project');
      return (json as unknown as { quotas: Record<string, { used?: number }> }).quotas[quota]?.used;
    },
  };
}

const statuses = (answers: Answer[]) => ({
  accepted: answers.filter(({ status }) => status === 201).length,
  refused: answers.filter(({ status }) => status === 429).length,
});

test('of 50 submissions at once with room for 10, ten are let in and the others told of the quota', async () => {
  const project = await newProject();
  await project.setQuotas({ openJobs: 10 });
  const answers = await Promise.all(Array.from({ length: 50 }, () => project.submit()));
  expect(statuses(answers)).toEqual({ accepted: 10, refused: 40 });
  const refused = answers.find(({ status }) => status === 429);
  expect(refused?.json).toMatchObject({ code: 'quota_exceeded', quota: { name: 'openJobs', limit: 10, used: 10 } });
  expect(refused?.json.detail).toBe('The quota openJobs of the project is 10, of which 10 are used.');
  expect(await project.used('openJobs')).toBe(10);
});

test('a project without quotas takes all of them', async () => {
  const project = await newProject();
  expect(statuses(await Promise.all(Array.from({ length: 20 }, () => project.submit())))).toMatchObject({
    accepted: 20,
  });
  expect(await project.used('openJobs')).toBeUndefined();
});

test('the jobs that were there count, those that have ended do not, and one that ends makes room at once', async () => {
  const project = await newProject();
  const [first, second] = [await project.submit(), await project.submit()];
  await project.call('DELETE', `/api/jobs/${first.json.jobId}`);
  await project.setQuotas({ openJobs: 1 });
  expect((await project.submit()).status).toBe(429);
  await project.call('DELETE', `/api/jobs/${second.json.jobId}`);
  expect(await project.used('openJobs')).toBe(0);
  expect((await project.submit()).status).toBe(201);
});

test('quotas that are set while jobs come in count every one of them', async () => {
  const project = await newProject();
  const early = Array.from({ length: 20 }, () => project.submit());
  await project.setQuotas({ openJobs: 30, payloadBytes: 1_000_000 });
  const late = Array.from({ length: 20 }, () => project.submit());
  expect(statuses(await Promise.all([...early, ...late]))).toEqual({ accepted: 30, refused: 10 });
  expect(await project.used('openJobs')).toBe(30);
});

test('a crontab is imported whole or not at all', async () => {
  const project = await newProject();
  await project.setQuotas({ openJobs: 2 });
  const lines = (count: number) =>
    api.call('POST', '/api/jobs/import?handler=log', {
      key: project.key,
      raw: '0 9 * * * echo hello\n'.repeat(count),
      headers: { 'content-type': 'text/plain' },
    });
  expect((await lines(3)).json).toMatchObject({ code: 'quota_exceeded', quota: { name: 'openJobs', used: 0 } });
  expect(await project.used('openJobs')).toBe(0);
  expect((await lines(2)).status).toBe(200);
});

test('submissions and runs asked for now share the quota of a day, which begins anew with the next day of UTC', async () => {
  const project = await newProject();
  await project.setQuotas({ submissionsPerDay: 3 });
  const { jobId } = (await project.submit({ jobType: 'recurring', executionTime: undefined, frequency: 'daily' })).json;
  const runNow = () => project.call('POST', `/api/jobs/${jobId}/run`);
  expect((await runNow()).status).toBe(202);
  expect((await project.submit()).status).toBe(201);
  const refused = [await runNow(), await project.submit()];
  expect(refused.map(({ status, json }) => [status, json.quota.name])).toEqual([
    [429, 'submissionsPerDay'],
    [429, 'submissionsPerDay'],
  ]);
  const seconds = Number(refused[0]?.headers['retry-after']);
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(86_400);
  api.advance(seconds * 1_000);
  expect(await project.used('submissionsPerDay')).toBe(0);
  expect((await runNow()).status).toBe(202);
  expect(await project.used('submissionsPerDay')).toBe(1);
});

test('payloads of jobs, of their changes and of runs share the quota of bytes', async () => {
  const project = await newProject();
  const text = (bytes: number) => 'x'.repeat(bytes - SEALING - 2);
  await project.submit({ payload: text(100) });
  await project.setQuotas({ payloadBytes: 1_000 });
  expect(await project.used('payloadBytes')).toBe(100);
  const { jobId } = (
    await project.submit({ jobType: 'recurring', executionTime: undefined, frequency: 'daily', payload: text(400) })
  ).json;
  expect((await project.submit({ payload: text(501) })).json.quota).toEqual({
    name: 'payloadBytes',
    limit: 1_000,
    used: 500,
  });
  expect((await project.call('POST', `/api/jobs/${jobId}/run`, { payload: text(501) })).status).toBe(429);
  expect((await project.call('PUT', `/api/jobs/${jobId}`, { payload: text(901) })).status).toBe(429);
  expect((await project.call('PUT', `/api/jobs/${jobId}`, { payload: text(200) })).status).toBe(200);
  expect(await project.used('payloadBytes')).toBe(300);
  expect((await project.call('POST', `/api/jobs/${jobId}/run`, { payload: text(700) })).status).toBe(202);
  expect(await project.used('payloadBytes')).toBe(1_000);
  expect((await project.submit()).status).toBe(201);
});

test('jobs and runs that are deleted give back what they used', async () => {
  const project = await newProject();
  await project.setQuotas({ openJobs: 5, payloadBytes: 1_000 });
  const { jobId } = (await project.submit({ payload: 'abc' })).json;
  await project.submit({ payload: 'de' });
  await project.call('POST', `/api/jobs/${jobId}/run`, { payload: 'fgh' });
  await api.db.query(sql`delete from runs where job_id = ${jobId}`);
  await api.db.query(sql`delete from jobs where id = ${jobId}`);
  expect([await project.used('openJobs'), await project.used('payloadBytes')]).toEqual([1, SEALING + 4]);
});

test('who manages a project sees its quotas and cannot lift them', async () => {
  const project = await newProject();
  await project.setQuotas({ openJobs: 1, runningRuns: 5 });
  await project.submit();
  const refused = await project.call('PUT', `/api/projects/${project.projectId}/quotas`, { openJobs: null });
  expect([refused.status, refused.json.code]).toEqual([403, 'forbidden']);
  expect((await project.call('PUT', '/api/project', { quotas: {} })).status).toBe(422);
  expect((await project.call('GET', '/api/project')).json).toMatchObject({
    quotas: { openJobs: { limit: 1, used: 1 }, runningRuns: { limit: 5, used: 0 }, payloadBytes: { limit: null } },
  });
});

test('a quota that is lifted refuses nothing, and the others stay', async () => {
  const project = await newProject();
  await project.setQuotas({ openJobs: 0, submissionsPerDay: 1 });
  expect((await project.submit()).json.quota.name).toBe('openJobs');
  await project.setQuotas({ openJobs: null });
  expect((await project.submit()).status).toBe(201);
  expect((await project.submit()).json.quota.name).toBe('submissionsPerDay');
  await project.setQuotas({ submissionsPerDay: null });
  expect((await project.submit()).status).toBe(201);
  const rows = await api.db.query(sql`select 1 from project_usage where project_id = ${project.projectId}`);
  expect(rows).toEqual([]);
});

test('the quotas of one project are none of another', async () => {
  await api.call('PUT', `/api/projects/${OTHER_PROJECT_ID}/quotas`, { key: instanceAdmin, body: { openJobs: 0 } });
  const project = await newProject();
  expect((await project.submit()).status).toBe(201);
});

test('of a project that is not there nothing is set', async () => {
  const path = '/api/projects/00000000-0000-7000-8000-00000000dead/quotas';
  for (const method of ['GET', 'PUT']) {
    const answer = await api.call(method, path, {
      key: instanceAdmin,
      ...(method === 'PUT' && { body: { openJobs: 1 } }),
    });
    expect([answer.status, answer.json.code]).toEqual([404, 'project_not_found']);
  }
});

test.each([{}, { openJobs: -1 }, { openJobs: 1.5 }, { runningRuns: 0 }, { jobs: 1 }])('%j is refused', async (body) => {
  const path = `/api/projects/${OTHER_PROJECT_ID}/quotas`;
  expect((await api.call('PUT', path, { key: instanceAdmin, body })).status).toBe(422);
});
