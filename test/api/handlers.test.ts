import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseSigningKey } from '../../src/handlers/http/signature.js';
import { startTestApi, type TestApi } from './support.js';

/** What jobs can do here, who may have it done, and the keys by which what they send is signed. */

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi({ allow: ['command'] });
});
afterAll(() => api.close());

const command = { handler: 'command', payload: { command: ['true'] } };
const job = { jobName: 'x', jobType: 'one-time', executionTime: 'now' };
const submit = (body: object, key?: string) =>
  api.call('POST', '/api/jobs', { body: { ...job, ...body }, ...(key === undefined ? {} : { key }) });

describe('the list of handlers', () => {
  test('has those that are allowed, each with the JSON Schema of its payload', async () => {
    const { status, text } = await api.call('GET', '/api/handlers');
    expect(status).toBe(200);
    const list = JSON.parse(text) as { name: string; privileged: boolean; payloadSchema: { properties?: object } }[];
    expect(list.map(({ name, privileged }) => [name, privileged])).toEqual([
      ...[
        ['log', false],
        ['http', false],
        ['email', false],
        ['command', true],
      ],
    ]);
    const http = list.find(({ name }) => name === 'http');
    expect(Object.keys(http?.payloadSchema.properties ?? {})).toEqual(
      expect.arrayContaining(['url', 'method', 'body']),
    );
  });
});

describe('a handler that acts with the rights of a node', () => {
  test('is refused where its operator does not allow it, and the answer says how to', async () => {
    const { status, json } = await submit({ handler: 'sql', payload: { connection: 'a', statement: 'select 1' } });
    expect([status, json.errors[0]?.pointer]).toEqual([422, '/handler']);
    expect(json.detail).toContain('CARILLON_ALLOW');
  });

  test('is for admins: to submit, to turn a job into, and to give another payload', async () => {
    const submitter = await api.makeKey('submitter');
    expect((await submit(command, submitter)).status).toBe(403);
    const accepted = await submit({ ...command, jobType: 'recurring', frequency: 'daily', executionTime: undefined });
    expect(accepted.status).toBe(201);
    const path = `/api/jobs/${accepted.json.jobId}`;
    const put = (body: object, key?: string) => api.call('PUT', path, { body, ...(key === undefined ? {} : { key }) });
    expect((await put({ payload: { command: ['false'] } }, submitter)).status).toBe(403);
    expect((await put({ frequency: 'every 1 second' }, submitter)).status).toBe(403);
    expect((await put({ payload: { command: ['false'] } })).status).toBe(200);
    const run = { key: submitter, body: { payload: { command: ['id'] } } };
    expect((await api.call('POST', `${path}/run`, run)).status).toBe(403);
    const own = await api.submit({ jobType: 'recurring', frequency: 'daily', executionTime: undefined }, submitter);
    expect((await api.call('PUT', `/api/jobs/${own}`, { key: submitter, body: command })).status).toBe(403);
  });

  test('takes the commands of a crontab, from those who may', async () => {
    const raw = 'GREETING=hello\n# Nightly\n0 3 * * * cd /srv && ./backup.sh\n';
    const send = (key: string) =>
      api.call('POST', '/api/jobs/import?dryRun=true', { key, raw, headers: { 'content-type': 'text/plain' } });
    const admin = await send(await api.makeKey('admin'));
    expect(JSON.parse(admin.text)).toMatchObject({
      jobs: [
        {
          handler: 'command',
          payload: { shell: 'cd /srv && ./backup.sh', environment: { GREETING: 'hello' } },
        },
      ],
      problems: [],
    });
    const submitter = await send(await api.makeKey('submitter'));
    expect(submitter.text).toContain('handler:privileged');
  });
});

describe('signing keys', () => {
  interface Key {
    keyId: string;
    key: string;
    expiresAt?: string;
  }
  const list = async () => JSON.parse((await api.call('GET', '/api/signing-keys')).text) as Key[];
  const make = async () => JSON.parse((await api.call('POST', '/api/signing-keys')).text) as Key;

  test('are made one after another: the one before signs for a day more', async () => {
    expect(await list()).toEqual([]);
    const first = await make();
    expect(parseSigningKey(first.key)).toHaveLength(32);
    expect(first.expiresAt).toBeUndefined();
    const second = await make();
    const [newest, older] = await list();
    expect(newest).toEqual(second);
    expect(older?.keyId).toBe(first.keyId);
    const left = Date.parse(older?.expiresAt ?? '') - Date.now();
    expect(left).toBeGreaterThan(86_000_000);
    expect(left).toBeLessThanOrEqual(86_400_000);
    api.advance(86_400_001);
    expect((await list()).map((key) => key.keyId)).toEqual([second.keyId]);
  });

  test('made at once are all there, and one of them is the newest', async () => {
    for (let round = 0; round < 5; round++) {
      await Promise.all(Array.from({ length: 12 }, make));
      const keys = await list();
      expect(keys.map((key) => key.expiresAt === undefined)).toEqual([true, false, false, false, false]);
    }
  });
});

describe('the share of a project', () => {
  test('is changed by admins, and what is wrong is named', async () => {
    const project = async () => JSON.parse((await api.call('GET', '/api/project')).text) as Record<string, unknown>;
    expect(await project()).toMatchObject({ weight: 1 });
    const put = (body: object) => api.call('PUT', '/api/project', { body });
    expect((await put({ weight: 2.5, maxRunningRuns: 50 })).status).toBe(200);
    expect(await project()).toMatchObject({ weight: 2.5, maxRunningRuns: 50 });
    expect((await put({ maxRunningRuns: null })).status).toBe(200);
    expect(await project()).not.toHaveProperty('maxRunningRuns');
    expect(await project()).toMatchObject({ weight: 2.5 });
    for (const [body, pointer] of [
      [{ weight: 0 }, '/weight'],
      [{ weight: '3' }, '/weight'],
      [{ maxRunningRuns: 0 }, '/maxRunningRuns'],
      [{ maxRunningRuns: 1.5 }, '/maxRunningRuns'],
      [{ slug: 'mine' }, '/slug'],
      [{}, ''],
    ] as const) {
      const { status, json } = await put(body);
      expect([body, status, json.errors[0]?.pointer]).toEqual([body, 422, pointer]);
    }
  });
});
