import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import type { Endpoint } from '../../src/contract/endpoint.js';
import { endpoints, type EndpointName } from '../../src/contract/endpoints.js';
import { DEFAULT_PROJECT_ID } from '../../src/domain/ids.js';
import { ADDRESS, idOf, startAuditedApi, type AuditedApi } from './audit-support.js';
import { OTHER_PROJECT_ID, type CallOptions } from './support.js';

let api: AuditedApi;
let viewer: string;
beforeAll(async () => {
  api = await startAuditedApi();
  viewer = await api.makeKey('viewer');
});
afterAll(() => api.close());

const CANARY = 'yellow-canary';

const recurring = { jobName: 'Report', jobType: 'recurring', frequency: 'daily', payload: { secret: CANARY } };
const submit = () => api.submit({ executionTime: undefined, ...recurring });
const dates = { dates: ['2030-01-01'] };

async function waitingRun(): Promise<{ jobId: string; runId: string }> {
  const jobId = await submit();
  const { json } = await api.call('POST', `/api/jobs/${jobId}/run`);
  return { jobId, runId: json.runId };
}

async function calendar(name: string): Promise<string> {
  await api.call('PUT', `/api/calendars/${name}`, { body: dates });
  return name;
}

async function newKey(): Promise<string> {
  return idOf(await api.makeKey('viewer'));
}

async function newMember(): Promise<string> {
  const body = { kind: 'group', subject: `${CANARY}-${randomUUID()}`, role: 'viewer' };
  const { json } = await api.call('POST', '/api/members', { body });
  return (json as unknown as { memberId: string }).memberId;
}

type Changing = {
  [Name in EndpointName]: (typeof endpoints)[Name]['method'] extends 'get' ? never : Name;
}[EndpointName];

/** A valid call of each endpoint that changes something: where it goes, with what, and what it is about. */
const calls: Record<
  Exclude<Changing, 'previewSchedule'>,
  () => Promise<{ path?: string; query?: string; target?: string | undefined; projectId?: string } & CallOptions>
> = {
  submitJob: async () => ({ body: recurring, target: 'job' }),
  submitBatch: async () => ({ body: { jobs: [recurring, recurring] } }),
  importJobs: async () => ({
    raw: `0 5 * * * curl https://example.com/${CANARY}\n`,
    headers: { 'content-type': 'text/plain' },
  }),
  updateJob: async () => ({
    path: await submit(),
    body: { priority: 'high', payload: { secret: `${CANARY}-2` } },
    target: 'job',
  }),
  cancelJob: async () => ({ path: await submit(), target: 'job' }),
  pauseJob: async () => ({ path: await submit(), target: 'job' }),
  resumeJob: async () => {
    const path = await submit();
    await api.call('POST', `/api/jobs/${path}/pause`);
    return { path, target: 'job' };
  },
  runJobNow: async () => ({ path: await submit(), body: { payload: CANARY }, target: 'job' }),
  backfillJob: async () => ({
    path: await submit(),
    body: { from: '2026-01-01T00:00:00Z', to: '2026-01-03T00:00:00Z' },
    target: 'job',
  }),
  cancelRun: async () => {
    const { jobId, runId } = await waitingRun();
    return { path: `${jobId} ${runId}`, target: 'run' };
  },
  retryRun: async () => {
    const { jobId, runId } = await waitingRun();
    await api.call('POST', `/api/jobs/${jobId}/runs/${runId}/cancel`);
    return { path: `${jobId} ${runId}`, target: 'run' };
  },
  redriveRuns: async () => ({ body: { from: '2026-01-01T00:00:00Z' } }),
  stopRedrives: async () => ({}),
  createCalendar: async () => ({ body: { name: 'created', ...dates }, target: 'calendar' }),
  putCalendar: async () => ({ path: 'put', body: dates, target: 'calendar' }),
  uploadCalendar: async () => ({
    path: 'uploaded',
    raw: 'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20300101\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n',
    headers: { 'content-type': 'text/calendar' },
    target: 'calendar',
  }),
  deleteCalendar: async () => ({ path: await calendar('deleted'), target: 'calendar' }),
  makeKey: async () => ({ body: { name: 'Key', role: 'viewer' }, target: 'key' }),
  revokeKey: async () => ({ path: await newKey(), target: 'key' }),
  rotateKey: async () => ({ path: await newKey(), target: 'key' }),
  addMember: async () => ({ body: { kind: 'user', subject: CANARY, role: 'viewer' }, target: 'member' }),
  changeMember: async () => ({ path: await newMember(), body: { role: 'operator' }, target: 'member' }),
  removeMember: async () => ({ path: await newMember(), target: 'member' }),
  makeProjectKey: async () => ({
    path: OTHER_PROJECT_ID,
    body: { name: 'Key', role: 'admin' },
    target: 'key',
    projectId: OTHER_PROJECT_ID,
  }),
  createProject: async () => ({ body: { slug: 'audited' }, target: 'project', projectId: 'its own' }),
  updateProject: async () => ({ body: { weight: 3 }, target: 'project' }),
  setQuotas: async () => ({
    path: OTHER_PROJECT_ID,
    body: { openJobs: 10 },
    target: 'project',
    projectId: OTHER_PROJECT_ID,
  }),
  makeSigningKey: async () => ({ target: 'signing_key' }),
};

const changing = Object.entries<Endpoint>(endpoints).filter(([, { method }]) => method !== 'get');

describe.each(changing.filter(([, { changesNothing }]) => !changesNothing))('%s', (name, { method, path }) => {
  const pathOf = (ids = '') => {
    const given = ids.split(' ');
    return path.replaceAll(/:\w+/g, () => given.shift() ?? '');
  };

  test('leaves one entry: who did it, from where, under which request', async () => {
    const { path: ids, target, projectId = DEFAULT_PROJECT_ID, ...options } = await calls[name as keyof typeof calls]();
    const { answer, requestId } = await api.send(method.toUpperCase(), pathOf(ids), options);
    expect({ status: answer.status, text: answer.status < 300 ? '' : answer.text }).toMatchObject({ text: '' });
    const row = await api.rowOf(requestId);
    expect(row).toMatchObject({
      ...{ actor: idOf(api.admin), action: name, outcome: 'done', code: null, address: ADDRESS },
      project_id: projectId === 'its own' ? row.target_id : projectId,
      target_kind: target ?? null,
    });
  });

  test('leaves one entry of the refusal of a viewer', async () => {
    const ids = path.includes('/calendars/')
      ? 'x'
      : path.includes('/keys/:')
        ? 'a'.repeat(16)
        : `${OTHER_PROJECT_ID} ${OTHER_PROJECT_ID}`;
    const { answer, requestId } = await api.send(method.toUpperCase(), pathOf(ids), { key: viewer });
    expect(answer.status).toBe(403);
    expect(await api.rowOf(requestId)).toMatchObject({
      ...{ actor: idOf(viewer), action: name, outcome: 'refused', code: 'forbidden', address: ADDRESS },
      ...{ project_id: DEFAULT_PROJECT_ID, before: null, after: null },
      ...(path.includes(':') && { target_id: ids.split(' ')[0] }),
    });
  });
});

test('an update is told by the fields that it changed, before and after, and a payload only by that it changed', async () => {
  const jobId = await submit();
  const body = { priority: 'high', frequency: 'daily', tags: ['a'], payload: { secret: 'other' } };
  const { requestId } = await api.send('PUT', `/api/jobs/${jobId}`, { body });
  const { before, after } = await api.rowOf(requestId);
  expect(before).toEqual({ priority: 'medium', tags: [] });
  expect(after).toEqual({ priority: 'high', tags: ['a'], payload: 'changed' });
});

test('what is only looked at leaves no entry', async () => {
  const jobId = await submit();
  const looks = [
    await api.send('PUT', `/api/jobs/${jobId}?preview=true`, { body: { frequency: 'weekly' } }),
    await api.send('POST', '/api/schedules/preview', { body: { frequency: 'daily' } }),
    await api.send('POST', `/api/jobs/${jobId}/backfill`, {
      body: { from: '2026-01-01T00:00:00Z', to: '2026-01-03T00:00:00Z', dryRun: true },
    }),
    await api.send('POST', '/api/runs/redrive', { body: { from: '2026-01-01T00:00:00Z', dryRun: true } }),
    await api.send('POST', '/api/jobs/import?dryRun=true', {
      raw: '0 5 * * * curl https://example.com/\n',
      headers: { 'content-type': 'text/plain' },
    }),
    await api.send('GET', `/api/jobs/${jobId}`),
  ];
  for (const { answer, requestId } of looks) {
    expect(answer.status).toBeLessThan(300);
    expect(await api.rowsOf(requestId)).toEqual([]);
  }
});

test('a change that is rolled back leaves no entry of it, only that of its refusal', async () => {
  const jobId = await submit();
  const { requestId } = await api.send('PUT', `/api/jobs/${jobId}`, { body: { handler: 'unknown' } });
  expect(await api.rowOf(requestId)).toMatchObject({ outcome: 'refused', code: 'validation_failed' });
  // Refused as the transaction commits, after the entry was written into it.
  await api.call('PUT', `/api/projects/${DEFAULT_PROJECT_ID}/quotas`, { key: api.admin, body: { payloadBytes: 1 } });
  const over = await api.send('PUT', `/api/jobs/${jobId}`, { body: { payload: 'x'.repeat(1_000) } });
  await api.call('PUT', `/api/projects/${DEFAULT_PROJECT_ID}/quotas`, { key: api.admin, body: { payloadBytes: null } });
  expect(over.answer.status).toBe(429);
  expect(await api.rowOf(over.requestId)).toMatchObject({ outcome: 'refused', code: 'quota_exceeded' });
});

test.each(['', 'kept-call'])('a change of what there is not leaves only the entry of its refusal', async (once) => {
  const headers: Record<string, string> = once === '' ? {} : { 'idempotency-key': once };
  for (const call of ['pause', 'resume', 'run', 'runs/0198c0de-7a1b-7c3d-8e4f-1234567890ab/retry', 'backfill']) {
    const { requestId } = await api.send('POST', `/api/jobs/0198c0de-7a1b-7c3d-8e4f-1234567890ac/${call}`, {
      headers,
      ...(call === 'backfill' && { body: { from: '2026-01-01T00:00:00Z', to: '2026-01-03T00:00:00Z' } }),
    });
    expect(await api.rowOf(requestId)).toMatchObject({
      outcome: 'refused',
      code: expect.stringMatching(/_not_found$/),
    });
  }
});

test('a change is not made when its entry cannot be written', async () => {
  const jobId = await submit();
  await api.db.query(sql`alter table audit add constraint no_entry check (request_id <> 'no-entry')`);
  const { answer } = await api.send('PUT', `/api/jobs/${jobId}`, {
    body: { priority: 'high' },
    headers: { 'x-request-id': 'no-entry' },
  });
  await api.db.query(sql`alter table audit drop constraint no_entry`);
  expect(answer.status).toBe(500);
  expect((await api.call('GET', `/api/jobs/${jobId}`)).text).toContain('"priority":"medium"');
});

test('a request that is repeated under its Idempotency-Key is in the trail once', async () => {
  const headers = { 'idempotency-key': 'audited-once' };
  const first = await api.send('POST', '/api/jobs', { body: recurring, headers });
  const again = await api.send('POST', '/api/jobs', { body: recurring, headers });
  expect(again.answer.json.jobId).toBe(first.answer.json.jobId);
  expect(await api.rowOf(first.requestId)).toMatchObject({ outcome: 'done', target_id: first.answer.json.jobId });
  expect(await api.rowsOf(again.requestId)).toEqual([]);
});

test('no payload and no secret is anywhere in the trail', async () => {
  const jobId = await submit();
  await api.send('PUT', `/api/jobs/${jobId}`, { body: { payload: { secret: `${CANARY}-3` } } });
  await api.send('POST', `/api/jobs/${jobId}/run`, { body: { payload: CANARY } });
  const { answer } = await api.send('POST', '/api/keys', { body: { name: 'Secret', role: 'viewer' } });
  const { answer: signing } = await api.send('POST', '/api/signing-keys');
  const written = JSON.stringify(await api.db.query(sql`select * from audit`));
  const { key } = answer.json as unknown as { key: string };
  const { key: signingKey } = signing.json as unknown as { key: string };
  expect(written).toContain('Secret');
  for (const secret of [CANARY, key.split('.')[1], signingKey, api.admin]) expect(written).not.toContain(secret);
});
