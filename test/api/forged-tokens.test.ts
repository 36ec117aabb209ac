import { createHmac, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, exportSPKI, generateKeyPair, importJWK, SignJWT, type CryptoKey } from 'jose';
import { AUDIENCE, KEY_ID, type TestProvider } from '../support/oidc.js';
import { eventually } from '../support/eventually.js';
import { claims, meOf, seconds, startTokenApi } from './access-tokens-support.js';
import type { TestApi } from './support.js';

let provider: TestProvider;
let api: TestApi;
beforeAll(async () => {
  ({ provider, api } = await startTokenApi());
});
afterAll(async () => {
  await api.close();
  await provider.close();
});
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a token is 401 that is', () => {
  let forger: CryptoKey;
  beforeAll(async () => {
    forger = (await generateKeyPair('RS256')).privateKey;
  });
  const forge = (header: Record<string, unknown>, key: CryptoKey = forger) =>
    new SignJWT(claims(provider)).setProtectedHeader({ alg: 'RS256', kid: KEY_ID, ...header }).sign(key);
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
    expect((await meOf(api, await provider.sign(claims(provider)))).status).toBe(200);
    expect((await meOf(api, await provider.sign(claims(provider, { aud: ['other', AUDIENCE] })))).status).toBe(200);
    expect(
      (await meOf(api, await provider.sign(claims(provider, { exp: seconds(-20_000), nbf: seconds(20_000) })))).status,
    ).toBe(200);
  });

  test('not signed', async () => {
    await refused(`${encoded({ alg: 'none', kid: KEY_ID })}.${encoded(claims(provider))}.`, 'malformed_token');
    await refused(
      `${encoded({ alg: 'none', kid: KEY_ID })}.${encoded(claims(provider))}.AAAA`,
      'err_jose_alg_not_allowed',
    );
    await refused(
      `${encoded({ alg: 'None', kid: KEY_ID })}.${encoded(claims(provider))}.AAAA`,
      'err_jose_alg_not_allowed',
    );
  });

  test('signed with the public key as a shared secret', async () => {
    const publicKey = (await importJWK({ ...provider.publicJwk, ext: true }, 'RS256')) as CryptoKey;
    const signed = `${encoded({ alg: 'HS256', kid: KEY_ID })}.${encoded(claims(provider))}`;
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
    const [header, , signature] = (await provider.sign(claims(provider, { sub: 'nobody' }))).split('.');
    await refused(`${header}.${encoded(claims(provider))}.${signature}`, 'err_jws_signature_verification_failed');
  });

  test.each(['../../../../dev/null', '/etc/passwd', "x' union select 'a", 'x\0', '', 'a'.repeat(1_000), '__proto__'])(
    'signed with a key that it calls %j',
    async (kid) => {
      await refused(await forge({ kid }), 'err_jwks_no_matching_key');
      await refused(await provider.sign(claims(provider), { kid }), 'err_jwks_no_matching_key');
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
    const token = await provider.sign(claims(provider));
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
    await refused(await provider.sign(claims(provider, changes())), reason);
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
    await refused(await provider.sign(claims(provider, changes), header), 'token_of_other_kind');
  });

  test.each([{ typ: 'JWT' }, { typ: 'jwt' }, { typ: 'at+jwt' }, { typ: 'application/at+jwt' }])(
    '(but not an access token that says so: %j)',
    async (header) => {
      expect((await meOf(api, await provider.sign(claims(provider, { typ: 'Bearer' }), header))).status).toBe(200);
    },
  );

  test('the ID token that came with an access token', async () => {
    await refused(await provider.idToken('ada'), 'token_aud_check_failed');
  });

  test('too long', async () => {
    const token = await provider.sign(claims(provider, { padding: 'x'.repeat(7_000) }));
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
    const token = await new SignJWT(claims(provider))
      .setProtectedHeader({ alg: 'ES256', kid: KEY_ID })
      .sign(privateKey);
    await refused(token, 'err_jwks_no_matching_key');
  });

  test('made over and over with new names of keys: the provider is not asked each time', async () => {
    const before = provider.keySetReads();
    for (let n = 0; n < 20; n += 1) await refused(await forge({ kid: `new-${n}` }), 'err_jwks_no_matching_key');
    expect(provider.keySetReads() - before).toBeLessThanOrEqual(1);
  });
});
