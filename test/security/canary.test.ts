import { afterAll, beforeAll, expect, test } from '@jest/globals';
import sql, { raw } from 'sql-template-tag';
import { executeRun } from '../support/execute-run.js';
import { startTestApi, type TestApi } from '../api/support.js';

/** What the database holds, as whoever has a copy of it reads it. */

const CANARY = 'canary-0d9f2c61';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

/** All rows of all tables as text, with what bytes say as text, too. */
async function dump(): Promise<string> {
  const tables = await api.db.query<{ name: string }>(
    sql`select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'public'`,
  );
  let text = '';
  for (const { name } of tables) {
    const rows = await api.db.query<{ row: string }>(sql`select t::text as row from ${raw(name)} t`);
    for (const { row } of rows) text += `${name} ${row}\n`;
  }
  const asText = [...text.matchAll(/\\x([0-9a-f]+)/g)].map(([, hex = '']) =>
    Buffer.from(hex, 'hex').toString('latin1'),
  );
  return [text, ...asText].join('\n');
}

test('neither a payload, nor a result, nor a signing key, nor a kept answer is in a dump of the database', async () => {
  const now = Date.now();
  const body = {
    jobName: 'plain-name',
    jobType: 'one-time',
    executionTime: new Date(now + 1_000).toISOString(),
    payload: { secret: `${CANARY}-payload` },
  };
  const submitted = await api.call('POST', '/api/jobs', { body, headers: { 'idempotency-key': 'once' } });
  const { jobId } = submitted.json;
  const byHand = await api.call('POST', `/api/jobs/${jobId}/run`, { body: { payload: `${CANARY}-run` } });
  const { runId } = byHand.json;
  let worked: unknown;
  await executeRun(
    { db: api.db, now },
    { jobId, runId },
    {
      act: async (_context, payload) => {
        worked = payload;
        return `${CANARY}-result`;
      },
    },
  );
  expect(worked).toBe(`${CANARY}-run`);
  expect((await api.call('GET', `/api/jobs/${jobId}/runs/${runId}`)).text).toContain(`${CANARY}-result`);
  const { json } = await api.call('POST', '/api/signing-keys');
  const signingKey = Buffer.from((json as unknown as { key: string }).key.replace('whsec_', ''), 'base64');
  expect(signingKey).toHaveLength(32);

  const text = await dump();
  // Its twin: what is not sealed is found so.
  expect(text).toContain('plain-name');
  expect(text).not.toContain(CANARY);
  expect(text).not.toContain(Buffer.from(CANARY).toString('hex'));
  expect(text).not.toContain(signingKey.toString('hex'));
  expect(text).not.toContain(signingKey.toString('latin1'));
});
