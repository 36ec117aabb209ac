import { afterAll, beforeAll, expect, test } from '@jest/globals';
import sql, { raw } from 'sql-template-tag';
import { DEFAULT_PROJECT_ID } from '../../src/domain/ids.js';
import { readJob } from '../../src/store/job-reads.js';
import { OTHER_PROJECT_ID, startTestApi, type TestApi } from './support.js';

/** That the API does what it does for a project through that project's views. */

let api: TestApi;
let jobId: string;
beforeAll(async () => {
  api = await startTestApi();
  jobId = await api.submit();
});
afterAll(() => api.close());

test('a statement that is given the wrong project finds nothing all the same', async () => {
  const read = (handle: Parameters<typeof readJob>[0]) => readJob(handle, DEFAULT_PROJECT_ID, jobId);
  expect((await read(api.db))?.job.id).toBe(jobId);
  expect((await read(api.db.forProject(DEFAULT_PROJECT_ID)))?.job.id).toBe(jobId);
  expect(await read(api.db.forProject(OTHER_PROJECT_ID))).toBeUndefined();
});

/** What calls answer while the views that they are to go through show nothing, and take no row. */
test('calls for a project go through its views, also those with an Idempotency-Key; those of the instance do not', async () => {
  const admin = await api.makeKey('admin', { isInstanceAdmin: true });
  const statuses = async () => {
    const headers = { 'idempotency-key': `${Math.random()}` };
    const body = { jobName: 'a', jobType: 'one-time', executionTime: '2099-01-01T00:00:00Z' };
    const quotas = `/api/projects/${OTHER_PROJECT_ID}/quotas`;
    return {
      read: (await api.call('GET', `/api/jobs/${jobId}`)).status,
      list: (await api.call('GET', '/api/jobs')).list.length,
      pause: (await api.call('POST', `/api/jobs/${jobId}/pause`)).status,
      pauseOnce: (await api.call('POST', `/api/jobs/${jobId}/pause`, { headers })).status,
      submit: (await api.call('POST', '/api/jobs', { body })).status,
      keys: (await api.call('GET', '/api/keys')).list.length > 0,
      projects: (await api.call('GET', '/api/projects', { key: admin })).list.length,
      quotasOfAnother: (await api.call('GET', quotas, { key: admin })).status,
      nodes: (await api.call('GET', '/api/nodes')).status,
    };
  };
  const names = ['jobs', 'api_keys', 'projects'];
  const definitions = await Promise.all(
    names.map((name) =>
      api.db.query<{ text: string }>(sql`select pg_get_viewdef(${`project_rows.${name}`}::regclass) as text`),
    ),
  );
  const replace = async (condition?: string) => {
    for (const [index, name] of names.entries()) {
      const own = definitions[index]?.[0]?.text ?? '';
      const text = condition === undefined ? own : own.replace(/WHERE.*;$/s, `WHERE ${condition}`);
      await api.db.query(
        sql`create or replace view ${raw(`project_rows.${name}`)} with (check_option = cascaded) as ${raw(text)}`,
      );
    }
  };

  await replace('false');
  const closed = await statuses();
  await replace();
  expect({ closed, open: await statuses() }).toEqual({
    closed: {
      ...{ read: 404, list: 0, pause: 404, pauseOnce: 404, submit: 500, keys: false },
      ...{ projects: 2, quotasOfAnother: 200, nodes: 200 },
    },
    open: {
      ...{ read: 200, list: 1, pause: 200, pauseOnce: 200, submit: 201, keys: true },
      ...{ projects: 2, quotasOfAnother: 200, nodes: 200 },
    },
  });
});
