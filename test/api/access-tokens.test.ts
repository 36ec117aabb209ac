import { createHmac, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, exportSPKI, generateKeyPair, importJWK, SignJWT, type CryptoKey, type JWTPayload } from 'jose';
import sql from 'sql-template-tag';
import { DEFAULT_PROJECT_ID, NO_PROJECT_ID } from '../../src/domain/ids.js';
import type { OidcConfig } from '../../src/platform/config.js';
import { AUDIENCE, KEY_ID, startOidcProvider, type TestProvider } from '../support/oidc.js';
import { eventually } from '../support/eventually.js';
import { startTestApi, type TestApi } from './support.js';

let provider: TestProvider;
let api: TestApi;
const configOf = (issuer: string): OidcConfig => ({
  issuer,
  audience: AUDIENCE,
  groupsClaim: 'groups',
  adminGroup: 'carillon-admins',
  signIn: undefined,
});
beforeAll(async () => {
  provider = await startOidcProvider({ groups: { ada: ['payments'], root: ['carillon-admins'] } });
  api = await startTestApi({ oidc: () => configOf(provider.issuer) });
  await addMember({ kind: 'user', subject: 'ada', role: 'operator' });
});
afterAll(async () => {
  await api.close();
  await provider.close();
});

async function addMember(body: Record<string, unknown>) {
  expect((await api.call('POST', '/api/members', { body })).status).toBe(201);
}
const seconds = (ms = 0) => Math.floor((Date.now() + ms) / 1_000);
/** What a valid token of Ada's says, but for `changes`. */
const claims = (changes: Record<string, unknown> = {}): JWTPayload => ({
  iss: provider.issuer,
  aud: AUDIENCE,
  sub: 'ada',
  iat: seconds(),
  exp: seconds(600_000),
  groups: ['payments'],
  ...changes,
});
const meOf = (token: string) => api.call('GET', '/api/me', { key: token });
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

test('an access token of the provider opens the project that its user is a member of', async () => {
  const token = await provider.accessToken('ada');
  const me = await meOf(token);
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
  await addMember({ kind: 'user', subject: 'grace', role: 'submitter' });
  const token = await provider.sign(claims({ sub: 'grace' }));
  const me = (await meOf(token)).json as unknown as { principal: { id: string } };
  const jobId = await api.submit({}, token);
  const job = (await api.call('GET', `/api/jobs/${jobId}`)).json as unknown as { createdBy?: string };
  const [row] = await api.db.prisma.job.findMany({ where: { id: jobId }, select: { createdBy: true } });
  expect(row?.createdBy).toBe(me.principal.id);
  expect(JSON.stringify(job)).not.toContain('grace');
});

test('the members of the admin group manage the instance, without being a member of any project', async () => {
  const token = await provider.accessToken('root');
  expect((await meOf(token)).json).toMatchObject({
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
  const other = await startTestApi({ beside: api, oidc: () => configOf(provider.issuer) });
  const add = async (subject: string) => {
    const made = await api.call('POST', '/api/members', { body: { kind: 'user', subject, role: 'submitter' } });
    return (made.json as unknown as { memberId: string }).memberId;
  };
  const [removed, lowered] = [await add('removed'), await add('lowered')];
  const submit = async (sub: string) =>
    (
      await other.call('POST', '/api/jobs', {
        key: await provider.sign(claims({ sub, groups: [] })),
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
  const key = await provider.sign(claims({ sub: 'root', groups: ['carillon-admins'] }));
  const make = () =>
    api.call('POST', '/api/projects', { key, body: { slug: 'made' }, headers: { 'idempotency-key': 'made-once' } });
  const [first, again] = [await make(), await make()];
  expect([first.status, again.status, again.headers['idempotency-replayed']]).toEqual([201, 201, 'true']);
  expect(again.text).toBe(first.text);
  const { projectId } = first.json as unknown as { projectId: string };
  const { principal } = (await meOf(key)).json as unknown as { principal: { id: string } };
  const entries = await api.db.query(sql`select project_id, actor, outcome from audit where action = 'createProject'`);
  expect(entries).toEqual([{ project_id: projectId, actor: principal.id, outcome: 'done' }]);
});

test('a refusal of a user is in the audit trail of their project, whatever they name, and of nobody there in none', async () => {
  const key = await provider.sign(claims());
  const stranger = await provider.sign(claims({ sub: 'stranger', groups: [] }));
  const { principal } = (await meOf(key)).json as unknown as { principal: { id: string } };
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
  const own = await startTestApi({ oidc: () => configOf(provider.issuer), rateLimits: { failedAuthentications: 2 } });
  const valid = await provider.sign(claims());
  const statusOf = async (key: string) => (await own.call('GET', '/api/me', { key })).status;
  expect(await statusOf(valid)).toBe(200);
  const others = await Promise.all(['a', 'b', 'c'].map((aud) => provider.sign(claims({ aud }))));
  expect([await statusOf(others[0] ?? ''), await statusOf(others[1] ?? '')]).toEqual([401, 401]);
  expect([await statusOf(others[2] ?? ''), await statusOf(valid)]).toEqual([429, 200]);
  await own.close();
});

describe('a token is 401 that is', () => {
  let forger: CryptoKey;
  beforeAll(async () => {
    forger = (await generateKeyPair('RS256')).privateKey;
  });
  const forge = (header: Record<string, unknown>, key: CryptoKey = forger) =>
    new SignJWT(claims()).setProtectedHeader({ alg: 'RS256', kid: KEY_ID, ...header }).sign(key);
  const refused = async (token: string, reason: string | RegExp) => {
    const answer = await api.call('GET', '/api/me', { key: token });
    expect([answer.status, answer.json.detail]).toEqual([
      401,
      'Give a valid API key or access token: `Authorization: Bearer ...`.',
    ]);
    const { traceId } = answer.json;
    expect(traceId).toBeDefined();
    const requestId = answer.headers['x-request-id'];
    await eventually(() => {
      const line = api.logLines.find((one) => one['requestId'] === requestId && one['msg'] === 'request');
      expect(line?.['refusal']).toMatch(reason);
    });
  };

  // Each of the following differs from this one in one thing.
  test('(but not one that is as it should be)', async () => {
    expect((await meOf(await provider.sign(claims()))).status).toBe(200);
    expect((await meOf(await provider.sign(claims({ aud: ['other', AUDIENCE] })))).status).toBe(200);
    expect((await meOf(await provider.sign(claims({ exp: seconds(-20_000), nbf: seconds(20_000) })))).status).toBe(200);
  });

  test('not signed', async () => {
    await refused(`${encoded({ alg: 'none', kid: KEY_ID })}.${encoded(claims())}.`, 'malformed_token');
    await refused(`${encoded({ alg: 'none', kid: KEY_ID })}.${encoded(claims())}.AAAA`, 'err_jose_alg_not_allowed');
    await refused(`${encoded({ alg: 'None', kid: KEY_ID })}.${encoded(claims())}.AAAA`, 'err_jose_alg_not_allowed');
  });

  test('signed with the public key as a shared secret', async () => {
    const publicKey = (await importJWK({ ...provider.publicJwk, ext: true }, 'RS256')) as CryptoKey;
    const signed = `${encoded({ alg: 'HS256', kid: KEY_ID })}.${encoded(claims())}`;
    for (const secret of [
      await exportSPKI(publicKey),
      JSON.stringify(provider.publicJwk),
      provider.publicJwk.n ?? '',
    ]) {
      const signature = createHmac('sha256', secret).update(signed).digest('base64url');
      await refused(`${signed}.${signature}`, 'err_jose_alg_not_allowed');
    }
  });

  test('signed with another key under the right name', async () => {
    await refused(await forge({}), 'err_jws_signature_verification_failed');
  });

  test('changed after it was signed', async () => {
    const [header, , signature] = (await provider.sign(claims({ sub: 'nobody' }))).split('.');
    await refused(`${header}.${encoded(claims())}.${signature}`, 'err_jws_signature_verification_failed');
  });

  test.each(['../../../../dev/null', '/etc/passwd', "x' union select 'a", 'x\0', '', 'a'.repeat(1_000), '__proto__'])(
    'signed with a key that it calls %j',
    async (kid) => {
      await refused(await forge({ kid }), 'err_jwks_no_matching_key');
      await refused(await provider.sign(claims(), { kid }), 'err_jwks_no_matching_key');
    },
  );

  test('signed with a key that it brings along, or says where to find', async () => {
    const asked: string[] = [];
    const own = await generateKeyPair('RS256', { extractable: true });
    const jwk = { ...(await exportJWK(own.publicKey)), kid: 'own', alg: 'RS256' };
    const server = createServer((req, res) => {
      asked.push(req.url ?? '');
      res.end(JSON.stringify({ keys: [jwk] }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
    for (const kid of [KEY_ID, 'own']) {
      const reason = kid === KEY_ID ? 'err_jws_signature_verification_failed' : 'err_jwks_no_matching_key';
      for (const header of [{ jwk }, { jku: url }, { x5u: url }, { x5c: ['AAAA'] }]) {
        await refused(await forge({ kid, ...header }, own.privateKey), reason);
      }
    }
    expect(asked).toEqual([]);
    expect((await fetch(url)).status).toBe(200);
    expect(asked).toEqual(['/keys']);
    await new Promise((resolve) => server.close(resolve));
  });

  test('of a critical extension', async () => {
    const token = await provider.sign(claims());
    const [, payload] = token.split('.');
    await refused(
      `${encoded({ alg: 'RS256', kid: KEY_ID, crit: ['x'], x: 1 })}.${payload}.AAAA`,
      'err_jose_not_supported',
    );
  });

  test.each<[string, () => Record<string, unknown>, string | RegExp]>([
    ['for somebody else', () => ({ aud: 'https://other.test' }), 'token_aud_check_failed'],
    ['for nobody', () => ({ aud: undefined }), 'token_aud_missing'],
    ['of another issuer', () => ({ iss: 'https://other.test' }), 'token_iss_check_failed'],
    ['of an issuer with one character more', () => ({ iss: `${provider.issuer}/` }), 'token_iss_check_failed'],
    ['of no issuer', () => ({ iss: undefined }), 'token_iss_missing'],
    ['for ever', () => ({ exp: undefined }), 'token_exp_missing'],
    ['expired', () => ({ exp: seconds(-40_000) }), 'token_expired'],
    ['of an expiry that is no number', () => ({ exp: '9999999999' }), 'token_exp_invalid'],
    ['not valid yet', () => ({ nbf: seconds(60_000) }), 'token_nbf_check_failed'],
    ['of nobody', () => ({ sub: undefined }), 'token_sub_missing'],
    ['of somebody whose name is no text', () => ({ sub: { $ne: '' } }), /unusable_subject|err_jwt/],
    ['of somebody whose name holds a NUL', () => ({ sub: 'ada\0' }), 'unusable_subject'],
  ])('%s', async (_what, changes, reason) => {
    await refused(await provider.sign(claims(changes())), reason);
  });

  // Signed by the provider, for us, of Ada, and valid: but not what it gives to call with.
  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['an ID token, by its hash of an access token', { at_hash: 'x' }, {}],
    ['an ID token, by its hash of a code', { c_hash: 'x' }, {}],
    ['an ID token, by what Keycloak calls it', { typ: 'ID' }, {}],
    ['a refresh token, by what Keycloak calls it', { typ: 'Refresh' }, {}],
    ['a logout token', { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }, {}],
    ['a logout token, by its type', {}, { typ: 'logout+jwt' }],
    ['a security event', {}, { typ: 'application/secevent+jwt' }],
    ['a proof of possession', {}, { typ: 'dpop+jwt' }],
  ])('%s', async (_what, changes, header) => {
    await refused(await provider.sign(claims(changes), header), 'token_of_other_kind');
  });

  test.each([{ typ: 'JWT' }, { typ: 'jwt' }, { typ: 'at+jwt' }, { typ: 'application/at+jwt' }])(
    '(but not an access token that says so: %j)',
    async (header) => {
      expect((await meOf(await provider.sign(claims({ typ: 'Bearer' }), header))).status).toBe(200);
    },
  );

  test('the ID token that came with an access token', async () => {
    await refused(await provider.idToken('ada'), 'token_aud_check_failed');
  });

  test('too long', async () => {
    const token = await provider.sign(claims({ padding: 'x'.repeat(7_000) }));
    expect(token.length).toBeGreaterThan(8_192);
    await refused(token, 'token_too_long');
  });

  test.each([
    'x',
    'a.b',
    'a.b.c',
    'a.b.c.d.e',
    '..',
    `${'e'.repeat(4_000)}.e.e`,
    `carillon_${'a'.repeat(60)}`,
    'a.b.c==',
  ])('no token at all: %j', async (token) => refused(token, /malformed|err_j/));

  test('of an elliptic key that is not in the set', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const token = await new SignJWT(claims()).setProtectedHeader({ alg: 'ES256', kid: KEY_ID }).sign(privateKey);
    await refused(token, 'err_jwks_no_matching_key');
  });

  test('made over and over with new names of keys: the provider is not asked each time', async () => {
    const before = provider.keySetReads();
    for (let n = 0; n < 20; n += 1) await refused(await forge({ kid: `new-${n}` }), 'err_jwks_no_matching_key');
    expect(provider.keySetReads() - before).toBeLessThanOrEqual(1);
  });
});

test('groups that are no list of names are no groups, and no name can break a query', async () => {
  await addMember({ kind: 'group', subject: 'payments', role: 'viewer' });
  for (const groups of [undefined, null, 1, {}, [1, null, { a: 1 }], ['x\0y', '\ud800', ''], [['payments']]]) {
    const me = await meOf(await provider.sign(claims({ sub: 'somebody', groups })));
    expect([me.status, me.json]).toMatchObject([200, { projects: [] }]);
  }
  const one = await meOf(await provider.sign(claims({ sub: 'somebody', groups: 'payments' })));
  expect(one.json).toMatchObject({ role: 'viewer' });
});

test('while the provider is away keys open as ever and tokens are 503; when it comes, tokens open', async () => {
  const probe = await startOidcProvider({ groups: {} });
  await probe.close();
  const port = Number(new URL(probe.issuer).port);
  const lonely = await startTestApi({ oidc: () => configOf(probe.issuer) });
  let late: TestProvider | undefined;
  try {
    const token = await provider.sign(claims({ iss: probe.issuer }));
    const away = await lonely.call('GET', '/api/me', { key: token });
    expect([away.status, away.json.code]).toEqual([503, 'unavailable']);
    expect((await lonely.call('GET', '/api/me')).status).toBe(200);
    await eventually(() => {
      expect(lonely.logLines).toContainEqual(expect.objectContaining({ msg: 'the OIDC provider could not be asked' }));
    });
    late = await startOidcProvider({ groups: {}, port });
    const valid = await late.sign(claims({ iss: late.issuer }));
    await eventually(async () => expect((await lonely.call('GET', '/api/me', { key: valid })).status).toBe(200));
  } finally {
    await late?.close();
    await lonely.close();
  }
});
