import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { NO_PROJECT_ID } from '../../src/domain/ids.js';
import { eventually } from '../support/eventually.js';
import { startAuditedApi, type AuditedApi } from './audit-support.js';
import { OTHER_PROJECT_ID } from './support.js';

let api: AuditedApi;
beforeAll(async () => {
  api = await startAuditedApi();
});
afterAll(() => api.close());

describe('who is not let in', () => {
  test('is in the trail of the instance, which only instance admins see', async () => {
    const { answer, requestId } = await api.send('DELETE', `/api/jobs/${OTHER_PROJECT_ID}`, { key: null });
    expect(answer.status).toBe(401);
    expect(await api.rowOf(requestId)).toMatchObject({
      ...{ project_id: NO_PROJECT_ID, actor: null, action: 'cancelJob', target_id: OTHER_PROJECT_ID },
      ...{ outcome: 'refused', code: 'unauthenticated' },
    });
    const seen = await api.call('GET', '/api/audit/instance', { key: api.admin });
    expect(seen.list).toContainEqual(expect.objectContaining({ requestId, code: 'unauthenticated' }));
    expect((await api.call('GET', '/api/audit')).text).not.toContain(`"${requestId}"`);
    expect((await api.call('GET', '/api/audit/instance')).status).toBe(403);
  });

  test('fills the trail with so many entries a minute and no more; the next one tells how many are missing', async () => {
    const headers = { 'x-forwarded-for': '198.51.100.9' };
    const ids: string[] = [];
    for (let count = 0; count < 65; count += 1) {
      ids.push((await api.send('POST', '/api/jobs', { key: null, headers })).requestId);
    }
    const count = async () =>
      (await api.db.query(sql`select 1 from audit where address = '198.51.100.9' and request_id = any(${ids})`)).length;
    await eventually(async () => expect(await count()).toBe(60));
    api.advance(60_000);
    const { requestId } = await api.send('POST', '/api/jobs', { key: null, headers });
    expect(await api.rowOf(requestId)).toMatchObject({ suppressed: 5 });
    expect(await count()).toBe(60);
  });
});
