import { afterAll, beforeAll, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { AUDIENCE, startOidcProvider, type TestProvider } from '../support/oidc.js';
import { eventually } from '../support/eventually.js';
import { OTHER_PROJECT_ID, startTestApi, type Answer, type TestApi } from './support.js';

let provider: TestProvider;
let api: TestApi;
let otherAdmin: string;
const CACHE_TTL_MS = 200;
beforeAll(async () => {
  provider = await startOidcProvider({ groups: {} });
  const { issuer } = provider;
  api = await startTestApi({
    oidc: () => ({ issuer, audience: AUDIENCE, groupsClaim: 'groups', adminGroup: undefined, signIn: undefined }),
    cacheTtlMs: CACHE_TTL_MS,
  });
  otherAdmin = await api.makeKey('admin', { projectId: OTHER_PROJECT_ID });
});
afterAll(async () => {
  await api.close();
  await provider.close();
});

interface Member {
  memberId: string;
  kind: string;
  subject: string;
  role: string;
  createdBy: string;
}
const memberOf = (answer: Answer) => answer.json as unknown as Member;

async function addMember(kind: 'user' | 'group', subject: string, role: string, key?: string): Promise<Member> {
  const answer = await api.call('POST', '/api/members', { body: { kind, subject, role }, ...(key && { key }) });
  expect(answer.status).toBe(201);
  return memberOf(answer);
}
const tokenOf = (sub: string, groups: string[] = []) => {
  const iat = Math.floor(Date.now() / 1_000);
  return provider.sign({ iss: provider.issuer, aud: AUDIENCE, sub, groups, iat, exp: iat + 600 });
};
const roleOf = async (token: string, project?: string) =>
  (
    (await api.call('GET', '/api/me', { key: token, headers: { 'carillon-project': project ?? '' } }))
      .json as unknown as { role?: string }
  ).role;

test('members are listed with who added them', async () => {
  const user = await addMember('user', 'listed', 'viewer');
  const group = await addMember('group', 'listed', 'operator');
  const list = (await api.call('GET', '/api/members')).list as unknown as Member[];
  expect(list).toEqual(expect.arrayContaining([user, group]));
  expect(user.createdBy).toMatch(/^[a-z2-7]{16}$/);
  const theirs = (await api.call('GET', '/api/members', { key: otherAdmin })).list as unknown as Member[];
  expect(theirs.map((member) => member.memberId)).not.toContain(user.memberId);
});

test('the role of a user is the highest of its own and of those of its groups', async () => {
  await addMember('group', 'readers', 'viewer');
  await addMember('group', 'makers', 'submitter');
  const own = await addMember('user', 'hedy', 'operator');
  expect(await roleOf(await tokenOf('hedy'))).toBe('operator');
  expect(await roleOf(await tokenOf('hedy', ['readers']))).toBe('operator');
  expect(await roleOf(await tokenOf('hedy', ['readers', 'makers']))).toBe('submitter');
  expect(await roleOf(await tokenOf('somebody', ['readers']))).toBe('viewer');
  await api.call('PUT', `/api/members/${own.memberId}`, { body: { role: 'admin' } });
  expect(await roleOf(await tokenOf('hedy', ['readers', 'makers']))).toBe('admin');
});

test('a user is no group of the same name, and the other way round', async () => {
  await addMember('user', 'twin-user', 'admin');
  await addMember('group', 'twin-group', 'admin');
  expect(await roleOf(await tokenOf('somebody', ['twin-user']))).toBeUndefined();
  expect(await roleOf(await tokenOf('twin-group'))).toBeUndefined();
});

test('members of another provider are nobody here', async () => {
  const member = await addMember('user', 'moved', 'admin');
  const token = await tokenOf('moved');
  expect(await roleOf(token)).toBe('admin');
  await api.db.query(sql`update members set issuer = 'https://old.test' where id = ${member.memberId}`);
  await eventually(async () => expect(await roleOf(token)).toBeUndefined());
});

test('a changed role and a removal take effect from the answer on', async () => {
  const member = await addMember('user', 'katherine', 'submitter');
  const token = await tokenOf('katherine');
  const job = { jobName: 'x', jobType: 'recurring', frequency: 'daily' };
  expect((await api.call('POST', '/api/jobs', { key: token, body: job })).status).toBe(201);
  await api.call('PUT', `/api/members/${member.memberId}`, { body: { role: 'viewer' } });
  expect((await api.call('POST', '/api/jobs', { key: token, body: job })).status).toBe(403);
  expect((await api.call('GET', '/api/jobs', { key: token })).status).toBe(200);
  const removed = await api.call('DELETE', `/api/members/${member.memberId}`);
  expect([removed.status, memberOf(removed).memberId]).toEqual([200, member.memberId]);
  expect((await api.call('GET', '/api/jobs', { key: token })).status).toBe(403);
  expect((await api.call('DELETE', `/api/members/${member.memberId}`)).status).toBe(404);
});

test('a removal by another replica takes effect when what was read is too old', async () => {
  const member = await addMember('user', 'mary', 'viewer');
  const token = await tokenOf('mary');
  expect(await roleOf(token)).toBe('viewer');
  await api.db.query(sql`delete from members where id = ${member.memberId}`);
  await eventually(async () => expect(await roleOf(token)).toBeUndefined());
});

test('what becomes of a member is in the audit trail, by ids and roles alone', async () => {
  const { memberId } = await addMember('user', 'grace.hopper@example.com', 'viewer');
  await api.call('PUT', `/api/members/${memberId}`, { body: { role: 'operator' } });
  // Nothing changes: no entry.
  await api.call('PUT', `/api/members/${memberId}`, { body: { role: 'operator' } });
  await api.call('DELETE', `/api/members/${memberId}`);
  const entries = await api.db.query(
    sql`select action, target_kind as kind, before, after from audit where target_id = ${memberId} order by id`,
  );
  const kind = 'member';
  expect(entries).toEqual([
    { action: 'addMember', kind, before: null, after: { kind: 'user', role: 'viewer' } },
    { action: 'changeMember', kind, before: { role: 'viewer' }, after: { role: 'operator' } },
    { action: 'removeMember', kind, before: { kind: 'user', role: 'operator' }, after: null },
  ]);
});

test("another project's member is as one that there is not", async () => {
  const member = await addMember('user', 'theirs', 'viewer');
  const random = '0198c0de-7a1b-7c3d-8e4f-1234567890ab';
  for (const [method, body] of [['PUT', { role: 'admin' }], ['DELETE']] as const) {
    const [theirs, none] = await Promise.all(
      [member.memberId, random].map((id) =>
        api.call(method, `/api/members/${id}`, { key: otherAdmin, ...(body && { body }) }),
      ),
    );
    expect([theirs?.status, theirs?.json.code]).toEqual([404, 'member_not_found']);
    expect(theirs?.json.detail.replace(member.memberId, random)).toBe(none?.json.detail);
  }
  expect(await roleOf(await tokenOf('theirs'))).toBe('viewer');
});

test('who is a member already is not added again, however often it is asked at once', async () => {
  const body = { kind: 'group', subject: 'eager', role: 'viewer' };
  const answers = await Promise.all(Array.from({ length: 5 }, () => api.call('POST', '/api/members', { body })));
  expect(answers.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([201, 409, 409, 409, 409]);
});

test.each([
  [{ kind: 'robot', subject: 'x', role: 'viewer' }, '/kind'],
  [{ kind: 'user', role: 'viewer' }, '/subject'],
  [{ kind: 'user', subject: '', role: 'viewer' }, '/subject'],
  [{ kind: 'user', subject: 'x'.repeat(256), role: 'viewer' }, '/subject'],
  [{ kind: 'user', subject: 'x', role: 'owner' }, '/role'],
  [{ kind: 'user', subject: 'x', role: 'viewer', issuer: 'https://other.test' }, '/issuer'],
])('a member is not made of %j', async (body, pointer) => {
  const answer = await api.call('POST', '/api/members', { body });
  expect([answer.status, answer.json.errors.map((one) => one.pointer)]).toEqual([422, [pointer]]);
});

test('without a provider nobody can be added', async () => {
  const bare = await startTestApi();
  const answer = await bare.call('POST', '/api/members', { body: { kind: 'user', subject: 'x', role: 'viewer' } });
  expect([answer.status, answer.json.code]).toEqual([409, 'conflict']);
  await bare.close();
});

const faceless = ({ status, text }: Answer) => [status, text.replace(/"traceId":"\w+"/, '')];

test('a user of several projects names one by its slug, and learns of no other', async () => {
  await addMember('user', 'rosa', 'viewer');
  const token = await tokenOf('rosa');
  const jobs = (project?: string) =>
    api.call('GET', '/api/jobs', { key: token, headers: project === undefined ? {} : { 'carillon-project': project } });
  expect((await jobs()).status).toBe(200);
  const unknown = await jobs('no-such-project');
  expect([unknown.status, unknown.json.code]).toEqual([404, 'project_not_found']);
  expect(faceless(await jobs('other'))).toEqual(faceless(unknown));
  await addMember('user', 'rosa', 'operator', otherAdmin);
  const unnamed = await jobs();
  expect([unnamed.status, unnamed.json.code]).toEqual([400, 'project_unnamed']);
  expect(unnamed.text).not.toMatch(/other|default/);
  expect(await roleOf(token, 'other')).toBe('operator');
  expect(await roleOf(token, 'default')).toBe('viewer');
  expect(await roleOf(token)).toBeUndefined();
  expect((await api.call('GET', '/api/me', { key: token })).json).toMatchObject({
    permissions: [],
    projects: [
      { slug: 'default', role: 'viewer' },
      { slug: 'other', role: 'operator' },
    ],
  });
  expect((await jobs('default')).status).toBe(200);
  expect(faceless(await jobs('default, other'))).toEqual(faceless(unknown));
});

test('for a key the header must name its own project', async () => {
  const jobs = (project: string) => api.call('GET', '/api/jobs', { headers: { 'carillon-project': project } });
  expect((await jobs('default')).status).toBe(200);
  const theirs = await jobs('other');
  expect([theirs.status, theirs.json.code]).toEqual([404, 'project_not_found']);
  expect(faceless(await jobs('no-such-project'))).toEqual(faceless(theirs));
});
