import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { makeApiKey, writeApiKey } from '../../src/security/api-key.js';
import { selfSigned } from '../handlers/certificate.js';
import { createTestDatabase } from '../support/database.js';
import { TEST_ENCRYPTION_KEYS } from '../support/encryption.js';
import { eventually } from '../support/eventually.js';
import { createTestTemporal } from '../support/temporal.js';
import { temporaryDir } from '../support/temporary-dir.js';

/** The built server as its own process, as operators run it. */
interface Server {
  process: ChildProcess;
  output: () => string;
  /** Where it listens, once it does. */
  url: () => Promise<string>;
  exit: Promise<number | null>;
}

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function startServer(env: Record<string, string>): Server {
  const child = spawn(process.execPath, ['dist/server.js'], {
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      CARILLON_ENCRYPTION_KEYS: TEST_ENCRYPTION_KEYS,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return {
    process: child,
    output: () => output,
    url: () =>
      eventually(() => {
        const url = /"url":"([^"]+)"/.exec(output)?.[1];
        if (url === undefined) throw new Error(`not listening: ${output}`);
        return url;
      }),
    exit: once(child, 'close').then(([code]) => code as number | null),
  };
}

test('a database user who may not act as carillon_project is told at the start what to do', async () => {
  const { url: databaseUrl } = await createTestDatabase();
  const name = `plain_${randomUUID().slice(0, 8)}`;
  const admin = new pg.Client({ connectionString: databaseUrl });
  await admin.connect();
  try {
    await admin.query(`create role ${name} login password 'secret' in role pg_read_all_data, pg_write_all_data`);
    const as = Object.assign(new URL(databaseUrl), { username: name, password: 'secret' });
    const server = startServer({ DATABASE_URL: as.href });
    expect(await server.exit).toBe(1);
    expect(server.output()).toContain('The database user may not act as the role carillon_project');
  } finally {
    await admin.query(`drop role if exists ${name}`);
    await admin.end();
  }
});

test('the API starts, takes jobs in and stops in order while Temporal is away', async () => {
  const { url: databaseUrl } = await createTestDatabase();
  const key = writeApiKey(makeApiKey());
  const server = startServer({ DATABASE_URL: databaseUrl, CARILLON_ADMIN_KEY: key, CARILLON_SHUTDOWN_GRACE: 'PT2S' });
  const url = await server.url();
  const call = (path: string, body?: object) =>
    fetch(`${url}${path}`, {
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    });
  const submitted = await call('/api/jobs', { jobName: 'x', jobType: 'recurring', frequency: 'daily' });
  expect(submitted.status).toBe(201);
  const ready = await call('/readyz');
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ database: { ok: true }, temporal: { ok: false } });
  expect(await (await call('/metrics')).text()).toMatch(/carillon_jobs_undispatched 1/);

  server.process.kill('SIGTERM');
  expect(await server.exit).toBe(0);
  expect(server.output()).toContain('"msg":"stopped"');
  expect(server.output()).not.toContain(key.split('.')[1]);
});

test('with Temporal there, an accepted job is handed to it at once', async () => {
  const [{ url: databaseUrl }, temporal] = await Promise.all([createTestDatabase(), createTestTemporal()]);
  const key = writeApiKey(makeApiKey());
  const server = startServer({
    DATABASE_URL: databaseUrl,
    CARILLON_ADMIN_KEY: key,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
  });
  const url = await server.url();
  expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ temporal: { ok: true }, worker: { ok: false } });
  const submitted = await fetch(`${url}/api/jobs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ jobName: 'x', jobType: 'recurring', frequency: 'daily' }),
  });
  expect(submitted.status).toBe(201);
  await eventually(async () => {
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(/carillon_jobs_undispatched 0/);
  });
  server.process.kill('SIGINT');
  expect(await server.exit).toBe(0);
});

test('with a certificate the API speaks HTTPS, and says so to browsers', async () => {
  const dir = temporaryDir('tls');
  const [cert, key] = [join(dir, 'tls.crt'), join(dir, 'tls.key')];
  const files = selfSigned('localhost');
  writeFileSync(cert, files.cert);
  writeFileSync(key, files.key);
  const { url: databaseUrl } = await createTestDatabase();
  const tls = { CARILLON_TLS_CERT: cert, CARILLON_TLS_KEY: key };
  const server = startServer({
    ...{ DATABASE_URL: databaseUrl, CARILLON_ADMIN_KEY: writeApiKey(makeApiKey()), CARILLON_SHUTDOWN_GRACE: 'PT2S' },
    ...tls,
  });
  const url = await server.url();
  expect(url).toMatch(/^https:/);
  const req = get(`${url}/healthz`, { ca: files.cert, checkServerIdentity: () => undefined, agent: false });
  const [res] = (await once(req, 'response')) as [IncomingMessage];
  res.resume();
  expect([res.statusCode, res.headers['strict-transport-security']]).toEqual([200, 'max-age=31536000']);
  server.process.kill('SIGTERM');
  expect(await server.exit).toBe(0);

  writeFileSync(key, selfSigned('other').key);
  const broken = startServer({ DATABASE_URL: databaseUrl, ...tls });
  expect(await broken.exit).toBe(1);
  expect(broken.output()).toContain('are no certificate and its key');
});

test('what is wrong with the environment is said in sentences, and the exit code is 1', async () => {
  const server = startServer({ PORT: 'x' });
  expect(await server.exit).toBe(1);
  expect(server.output()).toMatch(/^DATABASE_URL must be given.*\nPORT must be a whole number/);
});

test('a database that is not there ends the start, with why', async () => {
  const server = startServer({ DATABASE_URL: 'postgresql://u:canary@127.0.0.1:1/x' });
  expect(await server.exit).toBe(1);
  expect(server.output()).toMatch(/ECONNREFUSED/);
  expect(server.output()).not.toContain('canary');
});
