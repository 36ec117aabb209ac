import { afterEach, beforeEach, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { makeApiKey, writeApiKey } from '../../src/security/api-key.js';
import { startTestApi, type Answer, type TestApi } from './support.js';

const started: TestApi[] = [];
afterEach(async () => {
  for (const api of started.splice(0)) await api.close();
});

let untilMinuteMs = 0;
beforeEach(() => {
  untilMinuteMs = 60_000 - (Date.now() % 60_000);
});

/** Starts at the beginning of a minute by its clock, so that no window ends in the middle of a test. */
async function start(options: Parameters<typeof startTestApi>[0]): Promise<TestApi> {
  const api = await startTestApi(options);
  api.advance(untilMinuteMs);
  started.push(api);
  return api;
}

const madeUpKey = () => writeApiKey(makeApiKey());
const read = (api: TestApi, key?: string) => api.call('GET', '/api/me', key === undefined ? {} : { key });
const forwardedFor = (address: string) => ({ headers: { 'x-forwarded-for': address } });

async function statusesOf(count: number, call: (index: number) => Promise<Answer>): Promise<number[]> {
  const statuses: number[] = [];
  for (let index = 0; index < count; index++) statuses.push((await call(index)).status);
  return statuses;
}

test('a principal beyond its limit is told when to come again, and is let in again then', async () => {
  const api = await start({ rateLimits: { principal: 3 } });
  expect(await statusesOf(4, () => read(api))).toEqual([200, 200, 200, 429]);
  const refused = await read(api);
  expect(refused.json).toMatchObject({ status: 429, code: 'rate_limited', type: 'urn:carillon:problem:rate_limited' });
  expect(refused.headers['content-type']).toMatch('application/problem+json');
  expect(refused.headers['ratelimit-policy']).toContain('"principal";q=3;w=60');
  expect(refused.headers['ratelimit']).toMatch(/"principal";r=0;t=\d+$/);
  const seconds = Number(refused.headers['retry-after']);
  expect(seconds).toBeGreaterThanOrEqual(1);
  expect(seconds).toBeLessThanOrEqual(60);
  api.advance(seconds * 1_000);
  expect((await read(api)).status).toBe(200);
});

test('one principal beyond its limit does not keep another one out', async () => {
  const api = await start({ rateLimits: { principal: 1 } });
  const other = await api.makeKey('viewer');
  expect(await statusesOf(2, () => read(api))).toEqual([200, 429]);
  expect((await read(api, other)).status).toBe(200);
});

test('every answer tells what is left, by policy', async () => {
  const api = await start({ rateLimits: { principal: 10, address: 20 } });
  const answers = [await read(api), await api.call('GET', '/api/jobs/nonsense'), await api.call('GET', '/nowhere')];
  expect(answers.map(({ status }) => status)).toEqual([200, 422, 404]);
  for (const [index, { headers }] of answers.entries()) {
    expect(headers['ratelimit-policy']).toBe('"address";q=20;w=60, "principal";q=10;w=60');
    expect(headers['ratelimit']).toMatch(
      new RegExp(`^"address";r=${19 - index};t=\\d+, "principal";r=${9 - index};t=\\d+$`),
    );
  }
  const without = await api.call('GET', '/api/me', { key: null });
  expect([without.status, without.headers['ratelimit-policy']]).toEqual([401, '"address";q=20;w=60']);
});

test('two APIs on one database share the limit of a principal, and of an address', async () => {
  const rateLimits = { principal: 6, address: 9, store: 'postgres' } as const;
  const first = await start({ rateLimits });
  const second = await start({ rateLimits, beside: first });
  const key = await first.makeKey('viewer');
  const turns = await statusesOf(8, (index) => read(index % 2 === 0 ? first : second, key));
  expect(turns).toEqual([200, 200, 200, 200, 200, 200, 429, 429]);
  const others = await statusesOf(2, async (index) =>
    read(index === 0 ? first : second, await first.makeKey('viewer')),
  );
  expect(others).toEqual([200, 429]);
  for (const api of [first, second]) api.advance(60_000);
  expect((await read(second, key)).status).toBe(200);
});

test('the limit of an address counts before anything is known of who sends', async () => {
  const api = await start({ rateLimits: { address: 2 } });
  expect(await statusesOf(3, () => api.call('GET', '/api/me', { key: null }))).toEqual([401, 401, 429]);
  expect((await read(api)).status).toBe(429);
  expect((await api.call('GET', '/openapi.json', { key: null })).status).toBe(429);
});

test('what watches the API is not limited', async () => {
  const api = await start({ rateLimits: { address: 1 } });
  await read(api);
  for (const path of ['/healthz', '/readyz', '/metrics']) {
    const statuses = await statusesOf(3, () => api.call('GET', path, { key: null }));
    expect({ path, isLimited: statuses.includes(429) }).toEqual({ path, isLimited: false });
  }
});

test('naming other addresses in X-Forwarded-For gets nobody around a limit', async () => {
  const api = await start({ rateLimits: { address: 2 } });
  const statuses = await statusesOf(4, (index) => api.call('GET', '/api/me', forwardedFor(`203.0.113.${index}`)));
  expect(statuses).toEqual([200, 200, 429, 429]);
});

test('behind a trusted proxy each client has a limit of its own, and cannot name another address', async () => {
  const api = await start({ rateLimits: { address: 1 }, trustedProxies: ['127.0.0.0/8', '::1'] });
  const from = (header: string) => api.call('GET', '/api/me', forwardedFor(header));
  expect((await from('203.0.113.1')).status).toBe(200);
  expect((await from('203.0.113.2')).status).toBe(200);
  expect((await from('198.51.100.7, 203.0.113.1')).status).toBe(429);
});

test('a flood of made-up keys from an address is cut before each costs a query', async () => {
  const api = await start({ rateLimits: { failedAuthentications: 5 } });
  let reads = 0;
  const { query } = api.db;
  api.db.query = (statement, name) => {
    if (/from api_keys/.test(statement.text)) reads += 1;
    return query(statement, name);
  };
  const answers = await Promise.all(Array.from({ length: 200 }, () => read(api, madeUpKey())));
  const refused = answers.find(({ status }) => status === 429);
  expect(reads).toBe(5);
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
  expect(refused?.headers['ratelimit-policy']).toBe('"failed-authentication";q=5;w=60');
  expect((await read(api, madeUpKey())).status).toBe(429);
  api.advance(60_000);
  expect((await read(api, madeUpKey())).status).toBe(401);
});

test('who was let in before is let in still while others at the address try keys', async () => {
  const api = await start({ rateLimits: { failedAuthentications: 2 } });
  const fresh = await api.makeKey('viewer');
  await read(api);
  expect(await statusesOf(3, () => read(api, madeUpKey()))).toEqual([401, 401, 429]);
  expect((await read(api)).status).toBe(200);
  expect((await read(api, fresh)).status).toBe(429);
});

test('many requests at once with one key that is good are no attempts to find one', async () => {
  const api = await start({ rateLimits: { failedAuthentications: 2 } });
  const answers = await Promise.all(Array.from({ length: 30 }, () => read(api)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
});

test('without the shared counts the API lets through by its own', async () => {
  const api = await start({ rateLimits: { principal: 3, store: 'postgres' } });
  await api.db.query(sql`drop table rate_counts`);
  expect(await statusesOf(4, () => read(api))).toEqual([200, 200, 200, 429]);
  expect(api.logLines.filter(({ msg }) => /rate limits cannot be reached/.test(String(msg)))).toHaveLength(1);
});
