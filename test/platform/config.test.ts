import { describe, expect, test } from '@jest/globals';
import { ConfigError, readServerConfig, readWorkerConfig, type Environment } from '../../src/platform/config.js';

const needed = {
  DATABASE_URL: 'postgresql://u:p@db:5432/carillon',
  CARILLON_ENCRYPTION_KEYS_FILE: '/etc/carillon/keys',
};

function sentencesOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.sentences;
    throw error;
  }
  throw new Error('nothing was refused');
}

test('a server needs nothing but its database and the instance keys', () => {
  expect(readServerConfig(needed)).toEqual({
    databaseUrl: needed.DATABASE_URL,
    encryptionKeys: { file: needed.CARILLON_ENCRYPTION_KEYS_FILE },
    databaseConnections: 20,
    temporal: { address: '127.0.0.1:7233', namespace: 'default', tls: undefined },
    shutdownGraceMs: 30_000,
    logLevel: 'info',
    warnings: [],
    allow: [],
    plugins: [],
    port: 8080,
    host: '127.0.0.1',
    adminKey: undefined,
    adminKeyFile: undefined,
    oidc: undefined,
    rateLimits: { principal: 6_000, address: 30_000, store: 'postgres' },
    trustedProxies: [],
    tls: undefined,
    corsOrigins: [],
  });
});

test('a worker needs nothing but its database and the instance keys', () => {
  expect(readWorkerConfig(needed)).toMatchObject({
    role: 'all',
    pools: ['default'],
    concurrency: 100,
    httpAllow: '',
    allow: [],
    plugins: [],
    pluginProcess: { env: {}, memoryLimitMb: 256 },
    healthPort: undefined,
  });
});

test('what is given is read', () => {
  const config = readWorkerConfig({
    ...needed,
    CARILLON_ROLE: 'executor',
    CARILLON_POOLS: ' gpu, default ,',
    CARILLON_CONCURRENCY: '7',
    CARILLON_SHUTDOWN_GRACE: 'PT1M30S',
    CARILLON_WORKER_PORT: '9090',
    TEMPORAL_ADDRESS: 'temporal.example.com:7233',
    TEMPORAL_TLS_CERT: '/c.pem',
    TEMPORAL_TLS_KEY: '/k.pem',
    LOG_LEVEL: 'debug',
  });
  expect(config).toMatchObject({
    role: 'executor',
    pools: ['gpu', 'default'],
    concurrency: 7,
    shutdownGraceMs: 90_000,
    healthPort: 9090,
    temporal: { address: 'temporal.example.com:7233', tls: { cert: '/c.pem', key: '/k.pem' } },
    logLevel: 'debug',
  });
});

const issuer = { CARILLON_OIDC_ISSUER: 'https://login.test/realm', CARILLON_OIDC_AUDIENCE: 'carillon' };

test('a provider is read, with its sign-in', () => {
  expect(readServerConfig(needed).oidc).toBeUndefined();
  expect(readServerConfig({ ...needed, ...issuer }).oidc).toEqual({
    issuer: 'https://login.test/realm',
    audience: 'carillon',
    groupsClaim: 'groups',
    adminGroup: undefined,
    signIn: undefined,
  });
  const env = {
    ...issuer,
    CARILLON_OIDC_ISSUER: 'http://127.0.0.1:8081',
    CARILLON_OIDC_GROUPS_CLAIM: 'roles',
    CARILLON_OIDC_ADMIN_GROUP: 'admins',
    CARILLON_OIDC_CLIENT_ID: 'console',
    CARILLON_PUBLIC_URL: 'https://carillon.test/',
  };
  expect(readServerConfig({ ...needed, ...env }).oidc).toEqual({
    issuer: 'http://127.0.0.1:8081',
    audience: 'carillon',
    groupsClaim: 'roles',
    adminGroup: 'admins',
    signIn: { clientId: 'console', clientSecret: undefined, scope: 'openid', publicUrl: 'https://carillon.test' },
  });
});

test('a variable set to nothing counts as not given', () => {
  expect(readServerConfig({ ...needed, PORT: '', CARILLON_ADMIN_KEY: ' ' })).toMatchObject({
    port: 8080,
    adminKey: undefined,
  });
});

describe('what is wrong is said in a sentence that names the variable:', () => {
  test.each<[string, Environment, RegExp]>([
    ['no database', { ...needed, DATABASE_URL: '' }, /^DATABASE_URL must be given/],
    [
      'no instance keys',
      { ...needed, CARILLON_ENCRYPTION_KEYS_FILE: '' },
      /^One of CARILLON_ENCRYPTION_KEYS and CARILLON_ENCRYPTION_KEYS_FILE must be given/,
    ],
    [
      'instance keys twice',
      { ...needed, CARILLON_ENCRYPTION_KEYS: 'canary' },
      /^One of CARILLON_ENCRYPTION_KEYS and CARILLON_ENCRYPTION_KEYS_FILE must be given/,
    ],
    [
      'a database that is none',
      { ...needed, DATABASE_URL: 'mysql://x' },
      /^DATABASE_URL must be a postgresql:\/\/ URL/,
    ],
    ['a port that is none', { ...needed, PORT: '80a' }, /^PORT must be a whole number from 0 to 65535/],
    ['a port too high', { ...needed, PORT: '70000' }, /^PORT/],
    ['an address without a port', { ...needed, TEMPORAL_ADDRESS: 'temporal' }, /^TEMPORAL_ADDRESS must be host:port/],
    [
      'a grace that is no duration',
      { ...needed, CARILLON_SHUTDOWN_GRACE: '30' },
      /^CARILLON_SHUTDOWN_GRACE must be an ISO 8601 duration/,
    ],
    ['a log level that is none', { ...needed, LOG_LEVEL: 'loud' }, /^LOG_LEVEL must be trace/],
    [
      'a provider by http',
      { ...needed, ...issuer, CARILLON_OIDC_ISSUER: 'http://login.test' },
      /^CARILLON_OIDC_ISSUER must/,
    ],
    [
      'a provider’s query',
      { ...needed, ...issuer, CARILLON_OIDC_ISSUER: 'https://x.test?a' },
      /^CARILLON_OIDC_ISSUER must/,
    ],
    ['half a provider', { ...needed, CARILLON_OIDC_AUDIENCE: 'x' }, /_ISSUER and CARILLON_OIDC_AUDIENCE must be given/],
    ['admins of no provider', { ...needed, CARILLON_OIDC_ADMIN_GROUP: 'x' }, /needs CARILLON_OIDC_ISSUER/],
    ['scopes without openid', { ...needed, CARILLON_OIDC_SCOPE: 'groups' }, /^CARILLON_OIDC_SCOPE must/],
    ['a public URL with a path', { ...needed, CARILLON_PUBLIC_URL: 'https://x.test/a' }, /^CARILLON_PUBLIC_URL must/],
    ['a public URL by http', { ...needed, CARILLON_PUBLIC_URL: 'http://x.test' }, /^CARILLON_PUBLIC_URL must/],
    [
      'a sign-in without an address of ours',
      { ...needed, ...issuer, CARILLON_OIDC_CLIENT_ID: 'console' },
      /^CARILLON_OIDC_CLIENT_ID needs CARILLON_PUBLIC_URL/,
    ],
    [
      'tokens for the client of the sign-in',
      { ...needed, ...issuer, CARILLON_OIDC_CLIENT_ID: 'carillon', CARILLON_PUBLIC_URL: 'https://carillon.test' },
      /^CARILLON_OIDC_AUDIENCE must not be the CARILLON_OIDC_CLIENT_ID/,
    ],
    ['a secret of no client', { ...needed, CARILLON_OIDC_CLIENT_SECRET: 'x' }, /needs CARILLON_OIDC_CLIENT_ID/],
    [
      'a certificate without its key',
      { ...needed, TEMPORAL_TLS_CERT: 'x' },
      /TEMPORAL_TLS_CERT and TEMPORAL_TLS_KEY must be given together/,
    ],
    [
      'a key of its own without its certificate',
      { ...needed, CARILLON_TLS_KEY: 'x' },
      /CARILLON_TLS_CERT and CARILLON_TLS_KEY must be given together/,
    ],
    ...[
      '*',
      'null',
      'https://*.example.com',
      'https://a.example.com/',
      'https://a.example.com:443',
      'https://A.example.com',
      'a.example.com',
      'file://a',
      'https://a.example.com,*',
    ].map((origins): [string, Environment, RegExp] => [
      `origins of which a browser sends none: ${origins}`,
      { ...needed, CARILLON_CORS_ORIGINS: origins },
      /^CARILLON_CORS_ORIGINS must be origins/,
    ]),
  ])('%s', (_, env, sentence) => {
    expect(sentencesOf(() => readServerConfig(env))).toEqual([expect.stringMatching(sentence)]);
  });

  test.each<[string, Environment, RegExp]>([
    ['a role that is none', { CARILLON_ROLE: 'boss' }, /^CARILLON_ROLE must be scheduler, executor or all/],
    ['a pool that is no name', { CARILLON_POOLS: 'a b' }, /^CARILLON_POOLS/],
    [
      'a limit that is no percentage',
      { CARILLON_MAX_CPU: '150' },
      /^CARILLON_MAX_CPU must be a whole number from 1 to 100/,
    ],
    ['a switch that is none', { CARILLON_WORKER_VERSIONING: 'yes' }, /^CARILLON_WORKER_VERSIONING must be on or off/],
    ['no concurrency', { CARILLON_CONCURRENCY: '0' }, /^CARILLON_CONCURRENCY must be a whole number from 1/],
  ])('%s', (_, env, sentence) => {
    expect(sentencesOf(() => readWorkerConfig({ ...needed, ...env }))).toEqual([expect.stringMatching(sentence)]);
  });

  test('all of it at once', () => {
    expect(sentencesOf(() => readServerConfig({ PORT: 'x', LOG_LEVEL: 'y' }))).toHaveLength(4);
  });
});

test('what the API serves, and whose pages may call it, is read', () => {
  const env = {
    CARILLON_TLS_CERT: '/c.pem',
    CARILLON_TLS_KEY: '/k.pem',
    CARILLON_CORS_ORIGINS: 'https://a.example.com, http://localhost:5173',
  };
  expect(readServerConfig({ ...needed, ...env })).toMatchObject({
    tls: { cert: '/c.pem', key: '/k.pem' },
    corsOrigins: ['https://a.example.com', 'http://localhost:5173'],
  });
});

test('a CARILLON_ variable that does not exist is warned of, another entry’s is not', () => {
  const env = { ...needed, CARILLON_POOLS: 'default', CARILLON_DATA_DIR: 'x', CARILLON_CONCURENCY: '5', OTHER: '1' };
  expect(readServerConfig(env).warnings).toEqual([expect.stringMatching(/^CARILLON_CONCURENCY is set/)]);
});
