import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { endpoints, type EndpointName } from '../../src/contract/endpoints.js';
import type { Role } from '../../src/domain/permissions.js';
import { startTestApi, type TestApi } from './support.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

/** Who may do what, written down apart from the code. */
const allowed: Record<EndpointName, readonly Role[]> = {
  submitJob: ['submitter', 'admin'],
  updateJob: ['submitter', 'admin'],
  listJobs: ['viewer', 'operator', 'submitter', 'admin'],
  getJob: ['viewer', 'operator', 'submitter', 'admin'],
  getJobStatus: ['viewer', 'operator', 'submitter', 'admin'],
  listRuns: ['viewer', 'operator', 'submitter', 'admin'],
  listProjectRuns: ['viewer', 'operator', 'submitter', 'admin'],
  getRun: ['viewer', 'operator', 'submitter', 'admin'],
  listLogs: ['submitter', 'admin'],
  cancelJob: ['operator', 'submitter', 'admin'],
  pauseJob: ['operator', 'submitter', 'admin'],
  resumeJob: ['operator', 'submitter', 'admin'],
  runJobNow: ['operator', 'submitter', 'admin'],
  cancelRun: ['operator', 'submitter', 'admin'],
  redriveRuns: ['operator', 'submitter', 'admin'],
  stopRedrives: ['operator', 'submitter', 'admin'],
  retryRun: ['operator', 'submitter', 'admin'],
  backfillJob: ['operator', 'submitter', 'admin'],
  explainJob: ['viewer', 'operator', 'submitter', 'admin'],
  importJobs: ['submitter', 'admin'],
  previewSchedule: ['viewer', 'operator', 'submitter', 'admin'],
  listHandlers: ['viewer', 'operator', 'submitter', 'admin'],
  listSigningKeys: ['admin'],
  makeSigningKey: ['admin'],
  getProject: ['viewer', 'operator', 'submitter', 'admin'],
  updateProject: ['admin'],
  listCalendars: ['viewer', 'operator', 'submitter', 'admin'],
  getCalendar: ['viewer', 'operator', 'submitter', 'admin'],
  listNodes: ['viewer', 'operator', 'submitter', 'admin'],
  createCalendar: ['submitter', 'admin'],
  putCalendar: ['submitter', 'admin'],
  uploadCalendar: ['submitter', 'admin'],
  deleteCalendar: ['submitter', 'admin'],
  getCaller: ['viewer', 'operator', 'submitter', 'admin'],
  listKeys: ['admin'],
  makeKey: ['admin'],
  revokeKey: ['admin'],
  rotateKey: ['admin'],
  listMembers: ['admin'],
  addMember: ['admin'],
  changeMember: ['admin'],
  removeMember: ['admin'],
  listProjects: [],
  createProject: [],
  makeProjectKey: [],
};
const roles = ['viewer', 'operator', 'submitter', 'admin'] as const;

test.each(roles)('%s may do what the role says, and nothing else', async (role) => {
  const key = await api.makeKey(role);
  for (const [name, endpoint] of Object.entries(endpoints)) {
    const jobId = await api.submit({ jobType: 'recurring', executionTime: undefined, frequency: 'daily' });
    const path = endpoint.path
      .replace(':jobId', jobId)
      .replace(':runId', jobId)
      .replace(':calendar', 'holidays')
      .replace(':keyId', 'aaaaaaaaaaaaaaaa')
      .replace(':projectId', jobId)
      .replace(':memberId', jobId);
    const body = {
      submitJob: { jobName: 'x', jobType: 'recurring', frequency: 'daily' },
      updateJob: { priority: 'high' },
    }[name];
    const { status } = await api.call(endpoint.method.toUpperCase(), path, { key, ...(body && { body }) });
    const isAllowed = allowed[name as EndpointName].includes(role);
    expect({ name, isRefused: status === 403 || status === 401 }).toEqual({ name, isRefused: !isAllowed });
  }
});

test('whoever may not submit cannot give a run a payload of its own', async () => {
  const jobId = await api.submit();
  const operator = await api.makeKey('operator');
  const refused = await api.call('POST', `/api/jobs/${jobId}/run`, { key: operator, body: { payload: 1 } });
  expect([refused.status, refused.json.code]).toEqual([403, 'forbidden']);
  const submitter = await api.makeKey('submitter');
  expect((await api.call('POST', `/api/jobs/${jobId}/run`, { key: submitter, body: { payload: 1 } })).status).toBe(202);
});

test('a payload is shown only to those who may read payloads', async () => {
  const jobId = await api.submit({ payload: { canary: 'yellow' } });
  expect((await api.call('GET', `/api/jobs/${jobId}`)).json.payload).toEqual({ canary: 'yellow' });
  for (const role of ['viewer', 'operator'] as const) {
    const answer = await api.call('GET', `/api/jobs/${jobId}`, { key: await api.makeKey(role) });
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain('yellow');
  }
});
