import { afterAll, beforeAll, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { DEFAULT_PROJECT_ID, NO_PROJECT_ID } from '../../src/domain/ids.js';
import { startOidcProvider, type TestProvider } from '../support/oidc.js';
import { eventually } from '../support/eventually.js';
import { addMember, claims, meOf, oidcConfigOf, startTokenApi } from './access-tokens-support.js';
import { startTestApi, type TestApi } from './support.js';

/** What access tokens open. Which are refused is in forged-tokens.test.ts. */

let provider: TestProvider;
let api: TestApi;
beforeAll(async () => {
  ({ provider, api } = await startTokenApi());
});
afterAll(async () => {
  await api.close();
  await provider.close();
});

test('an access token of the provider opens the project that its user is a member of', async () => {
  const token = await provider.accessToken('ada');
  const me = await meOf(api, token);
  expect([me.status, me.json]).toMatchObject([
    200,
    {
      principal: { kind: 'user' },
      project: { slug: 'default' },
      role: 'operator',
      instanceAdmin: false,
      permissions: ['job:read', 'job:operate'],
      projects: [{ slug: 'default', role: 'operator' }],
    },
  ]);
  const { id } = (me.json as unknown as { principal: { id: string } }).principal;
  expect((await api.call('GET', '/api/jobs', { key: token })).status).toBe(200);
  await eventually(() => {
    expect(api.logLines).toContainEqual(expect.objectContaining({ userId: id, route: '/api/me', status: 200 }));
  });
  expect(JSON.stringify(api.logLines)).not.toContain(token);
});

test('what a user makes is by its id, not by its name', async () => {
  await addMember(api, { kind: 'user', subject: 'grace', role: 'submitter' });
  const token = await provider.sign(claims(provider, { sub: 'grace' }));
  const me = (await meOf(api, token)).json as unknown as { principal: { id: string } };
  const jobId = await api.submit({}, token);
  const job = (await api.call('GET', `/api/jobs/${jobId}`)).json as unknown as { createdBy?: string };
  const [row] = await api.db.prisma.job.findMany({ where: { id: jobId }, select: { createdBy: true } });
  expect(row?.createdBy).toBe(me.principal.id);
  expect(JSON.stringify(job)).not.toContain('grace');
});

test('the members of the admin group manage the instance, without being a member of any project', async () => {
  const token = await provider.accessToken('root');
  expect((await meOf(api, token)).json).toMatchObject({
    instanceAdmin: true,
    permissions: ['instance:manage'],
    projects: [],
  });
  expect((await api.call('GET', '/api/projects', { key: token })).status).toBe(200);
  const jobs = await api.call('GET', '/api/jobs', { key: token });
  expect([jobs.status, jobs.json.code]).toEqual([403, 'forbidden']);
  expect((await api.call('GET', '/api/projects', { key: await provider.accessToken('ada') })).status).toBe(403);
});

test('a member whom another replica removed, or gave a lower role, is refused within 5 seconds', async () => {
  const other = await startTestApi({ beside: api, oidc: () => oidcConfigOf(provider.issuer) });
  const add = async (subject: string) => {
    const made = await api.call('POST', '/api/members', { body: { kind: 'user', subject, role: 'submitter' } });
    return (made.json as unknown as { memberId: string }).memberId;
  };
  const [removed, lowered] = [await add('removed'), await add('lowered')];
  const submit = async (sub: string) =>
    (
      await other.call('POST', '/api/jobs', {
        key: await provider.sign(claims(provider, { sub, groups: [] })),
        body: { jobName: 'x', jobType: 'recurring', frequency: 'daily' },
      })
    ).status;
  expect([await submit('removed'), await submit('lowered')]).toEqual([201, 201]);
  await api.call('DELETE', `/api/members/${removed}`);
  await api.call('PUT', `/api/members/${lowered}`, { body: { role: 'viewer' } });
  await eventually(async () => expect([await submit('removed'), await submit('lowered')]).toEqual([403, 403]), 6_000);
  await other.close();
});

test('an instance admin who is in no project makes one, once under an Idempotency-Key, and is in its audit trail', async () => {
  const key = await provider.sign(claims(provider, { sub: 'root', groups: ['carillon-admins'] }));
  const make = () =>
    api.call('POST', '/api/projects', { key, body: { slug: 'made' }, headers: { 'idempotency-key': 'made-once' } });
  const [first, again] = [await make(), await make()];
  expect([first.status, again.status, again.headers['idempotency-replayed']]).toEqual([201, 201, 'true']);
  expect(again.text).toBe(first.text);
  const { projectId } = first.json as unknown as { projectId: string };
  const { principal } = (await meOf(api, key)).json as unknown as { principal: { id: string } };
  const entries = await api.db.query(sql`select project_id, actor, outcome from audit where action = 'createProject'`);
  expect(entries).toEqual([{ project_id: projectId, actor: principal.id, outcome: 'done' }]);
});

test('a refusal of a user is in the audit trail of their project, whatever they name, and of nobody there in none', async () => {
  const key = await provider.sign(claims(provider));
  const stranger = await provider.sign(claims(provider, { sub: 'stranger', groups: [] }));
  const { principal } = (await meOf(api, key)).json as unknown as { principal: { id: string } };
  const makeKey = (by: string, project: string) =>
    api.call('POST', '/api/keys', { key: by, body: {}, headers: { 'carillon-project': project } });
  expect([(await makeKey(key, 'default')).status, (await makeKey(key, 'other')).status]).toEqual([403, 404]);
  expect((await makeKey(stranger, 'default')).status).toBe(404);
  await eventually(async () => {
    const entries = await api.db.query(
      sql`select project_id, code from audit where action = 'makeKey' and actor is not null order by actor = ${principal.id} desc, id`,
    );
    expect(entries).toEqual([
      { project_id: DEFAULT_PROJECT_ID, code: 'forbidden' },
      { project_id: DEFAULT_PROJECT_ID, code: 'project_not_found' },
      { project_id: NO_PROJECT_ID, code: 'project_not_found' },
    ]);
  });
});

test('an address that tries too many tokens is 429, but for tokens that were let in before', async () => {
  const own = await startTestApi({
    oidc: () => oidcConfigOf(provider.issuer),
    rateLimits: { failedAuthentications: 2 },
  });
  const valid = await provider.sign(claims(provider));
  const statusOf = async (key: string) => (await own.call('GET', '/api/me', { key })).status;
  expect(await statusOf(valid)).toBe(200);
  const others = await Promise.all(['a', 'b', 'c'].map((aud) => provider.sign(claims(provider, { aud }))));
  expect([await statusOf(others[0] ?? ''), await statusOf(others[1] ?? '')]).toEqual([401, 401]);
  expect([await statusOf(others[2] ?? ''), await statusOf(valid)]).toEqual([429, 200]);
  await own.close();
});

test('groups that are no list of names are no groups, and no name can break a query', async () => {
  await addMember(api, { kind: 'group', subject: 'payments', role: 'viewer' });
  for (const groups of [undefined, null, 1, {}, [1, null, { a: 1 }], ['x\0y', '\ud800', ''], [['payments']]]) {
    const me = await meOf(api, await provider.sign(claims(provider, { sub: 'somebody', groups })));
    expect([me.status, me.json]).toMatchObject([200, { projects: [] }]);
  }
  const one = await meOf(api, await provider.sign(claims(provider, { sub: 'somebody', groups: 'payments' })));
  expect(one.json).toMatchObject({ role: 'viewer' });
});

test('while the provider is away keys open as ever and tokens are 503; when it comes, tokens open', async () => {
  const probe = await startOidcProvider({ groups: {} });
  await probe.close();
  const port = Number(new URL(probe.issuer).port);
  const lonely = await startTestApi({ oidc: () => oidcConfigOf(probe.issuer) });
  let late: TestProvider | undefined;
  try {
    const token = await provider.sign(claims(provider, { iss: probe.issuer }));
    const away = await lonely.call('GET', '/api/me', { key: token });
    expect([away.status, away.json.code]).toEqual([503, 'unavailable']);
    expect((await lonely.call('GET', '/api/me')).status).toBe(200);
    await eventually(() => {
      expect(lonely.logLines).toContainEqual(expect.objectContaining({ msg: 'the OIDC provider could not be asked' }));
    });
    late = await startOidcProvider({ groups: {}, port });
    const valid = await late.sign(claims(provider, { iss: late.issuer }));
    await eventually(async () => expect((await lonely.call('GET', '/api/me', { key: valid })).status).toBe(200));
  } finally {
    await late?.close();
    await lonely.close();
  }
});
