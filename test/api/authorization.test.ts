import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Endpoint } from '../../src/contract/endpoint.js';
import { endpoints, type EndpointName } from '../../src/contract/endpoints.js';
import { makeApiKey, writeApiKey } from '../../src/security/api-key.js';
import { allowed } from './allowed.js';
import { OTHER_PROJECT_ID, someProvider, startTestApi, type Answer, type TestApi } from './support.js';

/** Every endpoint, asked by everybody: whether they may, and whether what is another project's can be told from nothing. */

const someUuid = '0198c0de-7a1b-7c3d-8e4f-1234567890ab';
const otherUuid = '0198c0de-7a1b-7c3d-8e4f-1234567890ac';
const anotherUuid = '0198c0de-7a1b-7c3d-8e4f-1234567890ad';
const someKeyId = 'aaaaaaaaaaaaaaaa';
const roles = ['viewer', 'operator', 'submitter', 'admin'] as const;
const names = Object.keys(endpoints) as EndpointName[];
const table: Record<EndpointName, Endpoint> = endpoints;

let api: TestApi;
/** Of two projects: an admin's key, and what the project has. */
let ours: Project;
let theirs: Project;
interface Project {
  key: string;
  ids: Record<string, string>;
}

beforeAll(async () => {
  api = await startTestApi({ oidc: () => someProvider });
  ours = await projectOf(await api.makeKey('admin'), 'ours');
  theirs = await projectOf(await api.makeKey('admin', { projectId: OTHER_PROJECT_ID }), 'theirs');
});
afterAll(() => api.close());

async function projectOf(key: string, calendar: string): Promise<Project> {
  const jobId = await api.submit(
    { jobType: 'recurring', executionTime: undefined, frequency: 'daily', tags: [calendar] },
    key,
  );
  const run = await api.call('POST', `/api/jobs/${jobId}/run`, { key });
  const made = await api.call('POST', '/api/calendars', { key, body: { name: calendar, dates: ['2099-12-25'] } });
  const body = { kind: 'group', subject: 'a team', role: 'viewer' };
  const member = await api.call('POST', '/api/members', { key, body });
  expect([run.status, made.status, member.status]).toEqual([202, 201, 201]);
  const { memberId } = member.json as unknown as { memberId: string };
  return {
    key,
    ids: { jobId, runId: run.json.runId, calendar, memberId, keyId: key.slice('carillon_'.length).split('.')[0] ?? '' },
  };
}

const filled = (path: string, ids: Record<string, string>) =>
  path.replaceAll(/:(\w+)/g, (_, name: string) => ids[name] ?? someUuid);
const nothing = {
  jobId: someUuid,
  runId: otherUuid,
  memberId: anotherUuid,
  calendar: 'nothing',
  keyId: someKeyId,
  projectId: someUuid,
};

/** Calls an endpoint with the body of its example. */
function ask(name: EndpointName, ids: Record<string, string>, key: string | null): Promise<Answer> {
  const { method, path, bodyType, examples } = table[name];
  // A payload of its own takes more than the permission of the call: permissions.test.ts.
  const body = name === 'runJobNow' ? undefined : table[name].body;
  return api.call(method.toUpperCase(), filled(path, ids), {
    key,
    ...(body &&
      (bodyType ? { raw: String(examples.body), headers: { 'content-type': bodyType } } : { body: examples.body })),
  });
}

describe('whoever has no valid key is 401 everywhere', () => {
  const yesterday = () => new Date(Date.now() - 86_400_000);
  test.each<[string, () => string | null | Promise<string>]>([
    ['no key', () => null],
    ['a key that nobody made', () => writeApiKey(makeApiKey())],
    ['something that is no key', () => 'carillon_k3m5n7p2q4r6s2t4'],
    ['the id of a key with another secret', () => `${ours.key.split('.')[0]}.${makeApiKey().secret}`],
    ['an expired key', () => api.makeKey('admin', { expiresAt: yesterday(), isInstanceAdmin: true })],
    ['a revoked key', () => api.makeKey('admin', { revokedAt: yesterday(), isInstanceAdmin: true })],
  ])('%s', async (_what, keyOf) => {
    const key = await keyOf();
    for (const name of names) {
      const { status, json } = await ask(name, ours.ids, key);
      expect([name, status, json.code]).toEqual([name, 401, 'unauthenticated']);
    }
  });
});

describe('each may do what the table says, and is 403 for all else', () => {
  const everybody = roles.flatMap((role) => [
    { role, isInstanceAdmin: false },
    { role, isInstanceAdmin: true },
  ]);
  test.each(everybody)('$role, instance admin: $isInstanceAdmin', async ({ role, isInstanceAdmin }) => {
    const key = await api.makeKey(role, { isInstanceAdmin });
    for (const name of names) {
      const { status } = await ask(name, nothing, key);
      const may = allowed[name] === 'instance admin' ? isInstanceAdmin : allowed[name].includes(role);
      expect([name, status === 403]).toEqual([name, !may]);
      expect([name, status]).not.toEqual([name, 401]);
    }
  });

  test('of the methods that an endpoint does not have, 405 tells nobody more than another', async () => {
    for (const path of new Set(names.map((name) => table[name].path))) {
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
        if (names.some((name) => table[name].path === path && table[name].method === method.toLowerCase())) continue;
        const answers = [];
        for (const key of [ours.key, theirs.key, await api.makeKey('viewer')]) {
          const { status, text } = await api.call(method, filled(path, ours.ids), { key });
          answers.push([path, method, status, withoutTrace(text)]);
        }
        expect(answers).toEqual([answers[0], answers[0], answers[0]]);
        expect(answers[0]?.[2]).toBe(405);
      }
    }
  });
});

const withoutTrace = (text: string) => text.replace(/"traceId":"[0-9a-f]{32}"/, '"traceId":""');
/** An answer but for what names what was asked for. */
function shape({ status, headers, text }: Answer, ids: Record<string, string>) {
  let neutral = withoutTrace(text);
  for (const [name, id] of Object.entries(ids)) neutral = neutral.replaceAll(id, `<${name}>`);
  return { status, headers: Object.keys(headers).toSorted(), text: neutral };
}

describe("another project's object is as one that there is not", () => {
  // Nothing of what instance admins manage belongs to a project, and to put a calendar is to make one.
  const ofObjects = names.filter(
    (name) =>
      table[name].path.includes(':') && allowed[name] !== 'instance admin' && !/^(put|upload)Calendar$/.test(name),
  );

  test.each(ofObjects)('%s', async (name) => {
    const foreign = await ask(name, ours.ids, theirs.key);
    expect([foreign.status, foreign.json.code]).toEqual([404, expect.stringMatching(/_not_found$/)]);
    expect(shape(foreign, ours.ids)).toEqual(shape(await ask(name, nothing, theirs.key), nothing));
  });

  test("a run of another project's under a job of one's own", async () => {
    const ids = { ...theirs.ids, runId: ours.ids['runId'] ?? '' };
    const none = { ...theirs.ids, runId: otherUuid };
    for (const name of ofObjects.filter((one) => table[one].path.includes(':runId'))) {
      expect(shape(await ask(name, ids, theirs.key), ids)).toEqual(shape(await ask(name, none, theirs.key), none));
    }
  });

  test.each(['putCalendar', 'uploadCalendar'] as const)(
    '%s makes one of its own, and leaves the other',
    async (name) => {
      const before = await api.call('GET', `/api/calendars/ours`, { key: ours.key });
      expect((await ask(name, ours.ids, theirs.key)).json.status).toBe('created');
      expect((await api.call('GET', `/api/calendars/ours`, { key: ours.key })).text).toBe(before.text);
      expect((await ask('deleteCalendar', ours.ids, theirs.key)).json.status).toBe('deleted');
    },
  );
});

describe("what is another project's is in no list and no count", () => {
  test.each(names.filter((name) => table[name].method === 'get' && !table[name].path.includes(':')))(
    '%s',
    async (name) => {
      const answer = await ask(name, {}, theirs.key);
      expect(answer.status).toBe(allowed[name] === 'instance admin' ? 403 : 200);
      // What they themselves asked for is theirs to know, though they were refused.
      const told = name === 'listAudit' ? withoutTargets(answer.list) : answer.text;
      for (const id of Object.values(ours.ids)) expect(told).not.toContain(`"${id}"`);
    },
  );

  test.each(['/api/jobs?tag=ours', '/api/runs?tag=ours', '/api/jobs?tag=ours&q=report'])('%s', async (path) => {
    expect((await api.call('GET', path, { key: theirs.key })).list).toHaveLength(0);
    expect((await api.call('GET', path, { key: ours.key })).list).toHaveLength(1);
  });

  test('runs filtered by its job', async () => {
    const path = `/api/runs?job=${ours.ids['jobId']}`;
    expect((await api.call('GET', path, { key: theirs.key })).list).toHaveLength(0);
    expect((await api.call('GET', path, { key: ours.key })).list).toHaveLength(1);
  });

  test('quotas in use', async () => {
    const usedBy = async (key: string) =>
      (await api.call('GET', '/api/project', { key })).json as unknown as { quotas: unknown };
    const before = await usedBy(theirs.key);
    await api.submit({}, ours.key);
    expect(await usedBy(theirs.key)).toEqual(before);
  });
});

test("a job cannot come after another project's: it is as a job that there is not", async () => {
  const submit = (job: string, key: string) =>
    api.call('POST', '/api/jobs', { key, body: { jobName: 'Next', jobType: 'recurring', after: [{ job }] } });
  const job = ours.ids['jobId'] ?? '';
  const foreign = await submit(job, theirs.key);
  expect(foreign.status).toBe(422);
  expect(shape(foreign, { job })).toEqual(shape(await submit(someUuid, theirs.key), { job: someUuid }));
  expect((await submit(job, ours.key)).status).toBe(201);
});

test("a job cannot exclude another project's calendar: it is as one that there is not", async () => {
  const submit = (calendar: string, key: string) =>
    api.call('POST', '/api/jobs', {
      key,
      body: { jobName: 'Off', jobType: 'recurring', frequency: 'daily', exclude: { calendars: [calendar] } },
    });
  const foreign = await submit('ours', theirs.key);
  expect(foreign.status).toBe(422);
  const [calendar, none] = [{ calendar: 'ours' }, { calendar: 'nothing' }];
  expect(shape(foreign, calendar)).toEqual(shape(await submit('nothing', theirs.key), none));
  expect((await submit('ours', ours.key)).status).toBe(201);
});

test('an Idempotency-Key of another project, or of another key, is one that was never used', async () => {
  const body = { jobName: 'Once', jobType: 'one-time', executionTime: '2099-01-01T00:00:00Z' };
  const submit = (key: string) =>
    api.call('POST', '/api/jobs', { key, body, headers: { 'idempotency-key': 'shared' } });
  const first = await submit(ours.key);
  for (const key of [theirs.key, await api.makeKey('admin')]) {
    const other = await submit(key);
    expect([other.status, other.headers['idempotency-replayed']]).toEqual([201, undefined]);
    expect(other.json.jobId).not.toBe(first.json.jobId);
  }
  expect((await submit(ours.key)).headers['idempotency-replayed']).toBe('true');
});

function withoutTargets(entries: readonly object[]): string {
  return JSON.stringify(entries.map((entry) => ({ ...entry, target: undefined })));
}
