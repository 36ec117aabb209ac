import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AuditEntry } from '../../src/contract/audit.js';
import { sealAudit } from '../../src/store/audit-chain.js';
import { idOf, startAuditedApi, type AuditedApi } from './audit-support.js';
import { OTHER_PROJECT_ID, type Answer } from './support.js';

let api: AuditedApi;
beforeAll(async () => {
  api = await startAuditedApi();
});
afterAll(() => api.close());

describe('the list', () => {
  let own: string;
  let jobId: string;
  const get = (query: string) => api.call('GET', `/api/audit?${query}`, { key: own });
  const entries = (answer: Answer) => answer.list as unknown as AuditEntry[];
  beforeAll(async () => {
    own = await api.makeKey('admin', { projectId: OTHER_PROJECT_ID });
    // Of another actor than all that follows.
    await api.call('PUT', `/api/projects/${OTHER_PROJECT_ID}/quotas`, { key: api.admin, body: { openJobs: 10 } });
    jobId = await api.submit({ jobName: 'Of "others", \n=1' }, own);
    for (const priority of ['high', 'low', 'high']) {
      const headers = { 'x-request-id': `=${priority}` };
      await api.call('PUT', `/api/jobs/${jobId}`, { key: own, body: { priority }, headers });
    }
    const { answer, requestId } = await api.send('POST', `/api/jobs/${jobId}/resume`, { key: own });
    if (answer.status !== 409) throw new Error(answer.text);
    await api.rowOf(requestId);
  });

  test('is newest first, of one project, and goes on from its cursor', async () => {
    const first = await get(`target=${jobId}&limit=3`);
    expect(entries(first).map((entry) => entry.action)).toEqual(['resumeJob', 'updateJob', 'updateJob']);
    const rest = await api.call('GET', first.next ?? '', { key: own });
    expect(entries(rest).map((entry) => entry.action)).toEqual(['updateJob', 'submitJob']);
    expect(rest.next).toBeUndefined();
    const others = await api.call('GET', `/api/audit?target=${jobId}`);
    expect(entries(others)).toEqual([]);
  });

  test('is filtered by each of its filters', async () => {
    const all = entries(await get('limit=200'));
    const ofActor = (await get(`actor=${idOf(own)}&limit=200`)).list;
    expect(ofActor.length).toBe(all.filter((entry) => entry.actor === idOf(own)).length);
    expect(ofActor.length).toBeLessThan(all.length);
    expect(entries(await get('action=submitJob')).map((entry) => entry.target?.id)).toEqual([jobId]);
    expect(entries(await get('outcome=refused')).map((entry) => entry.code)).toEqual(['conflict']);
    expect(entries(await get('to=2020-01-01T00:00:00Z'))).toEqual([]);
    expect(entries(await get('from=2020-01-01T00:00:00Z&limit=200'))).toHaveLength(all.length);
    expect((await get('from=2020-01-01T00:00:00Z&to=2020-01-01T00:00:00Z')).status).toBe(422);
  });

  test('says where an entry is in the chain once it is sealed', async () => {
    await sealAudit(api.db, { now: () => Date.now() });
    const [newest] = entries(await get('limit=1'));
    expect(newest).toMatchObject({ seq: expect.any(Number), hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  test('is exported whole, an entry a line', async () => {
    const answer = await get(`target=${jobId}&format=ndjson&limit=1`);
    expect(answer.headers['content-type']).toBe('application/x-ndjson; charset=utf-8');
    const lines = answer.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as AuditEntry);
    expect(lines).toEqual(entries(await get(`target=${jobId}`)));
  });

  test('is exported as a table that no spreadsheet runs', async () => {
    const answer = await get(`target=${jobId}&format=csv`);
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8');
    const lines = answer.text.trimEnd().split('\r\n');
    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatch(/^at,actor,action,targetKind,targetId,/);
    expect(lines[2]).toContain(",'=high,");
    expect(lines[2]).toContain('"{""priority"":""high""}"');
  });
});
