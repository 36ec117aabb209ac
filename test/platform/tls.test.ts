import { once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { Writable } from 'node:stream';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { listen, type RunningHttpServer } from '../../src/platform/http-server.js';
import { createLogger } from '../../src/platform/logging.js';
import { followTlsFiles, readTlsFiles, type TlsPaths } from '../../src/platform/tls-files.js';
import { selfSigned } from '../handlers/certificate.js';
import { eventually } from '../support/eventually.js';
import { temporaryDir } from '../support/temporary-dir.js';

const closing: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of closing) await close();
});

let paths: TlsPaths;
let log: string;
beforeEach(async () => {
  const dir = temporaryDir('tls');
  paths = { cert: path.join(dir, 'tls.crt'), key: path.join(dir, 'tls.key') };
  await renew('one');
  log = '';
});

/** Puts a new certificate in place of the old one, as tools that renew them do. */
async function renew(name: string): Promise<void> {
  const { cert, key } = selfSigned(name);
  for (const [file, text] of [
    [paths.key, key],
    [paths.cert, cert],
  ] as const) {
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
  }
}

/** An HTTPS server whose certificate follows the files. */
async function serve(): Promise<RunningHttpServer> {
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log += chunk.toString();
      done();
    },
  });
  const logger = createLogger({ service: 'test', level: 'debug' }, sink);
  const tls = await readTlsFiles(paths);
  const server = await listen((_req, res) => void res.end('well'), {
    ...{ host: '127.0.0.1', port: 0, portVariable: 'PORT', tls },
  });
  const following = followTlsFiles(paths, tls, { onChange: server.secureWith, logger, lookEveryMs: 20 });
  closing.push(async () => {
    await following.stop();
    await server.stop(0);
  });
  return server;
}

async function connected(url: string, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const { port } = new URL(url);
  const socket = connect({ port: Number(port), host: '127.0.0.1', rejectUnauthorized: false, ...options });
  await once(socket, 'secureConnect');
  return socket;
}

async function nameServed(url: string): Promise<string> {
  const socket = await connected(url);
  const name = String(socket.getPeerCertificate().subject.CN);
  socket.destroy();
  return name;
}

async function ask(url: string, agent: Agent): Promise<number | undefined> {
  const req = request(url, { agent }).end();
  const [res] = (await once(req, 'response')) as [IncomingMessage];
  res.resume();
  await once(res, 'end');
  return res.statusCode;
}

test('a renewed certificate is served, and connections that there are go on', async () => {
  const server = await serve();
  expect(server.url).toMatch(/^https:/);
  const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
  expect(await ask(server.url, agent)).toBe(200);
  const socket = Object.values(agent.freeSockets)[0]?.[0];
  expect(await nameServed(server.url)).toBe('one');
  await renew('two');
  await eventually(async () => expect(await nameServed(server.url)).toBe('two'));
  expect(await ask(server.url, agent)).toBe(200);
  expect(Object.values(agent.freeSockets)[0]?.[0]).toBe(socket);
  agent.destroy();
});

test('a new file that is broken leaves the old certificate, is told once, and can be mended', async () => {
  const server = await serve();
  await writeFile(paths.cert, selfSigned('other').cert);
  await eventually(() => expect(log).toContain('the old one is kept'));
  await writeFile(paths.cert, 'no certificate');
  expect(await nameServed(server.url)).toBe('one');
  await renew('mended');
  await eventually(async () => expect(await nameServed(server.url)).toBe('mended'));
  expect(log.match(/the old one is kept/g)).toHaveLength(1);
  expect(log).not.toContain('PRIVATE');
});

test('TLS older than 1.2 is refused', async () => {
  const server = await serve();
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  await expect(connected(server.url, old)).rejects.toThrow(/protocol/);
  const socket = await connected(server.url, { maxVersion: 'TLSv1.2' });
  expect(socket.getProtocol()).toBe('TLSv1.2');
  socket.destroy();
});

test('files that are missing, or not of each other, are named', async () => {
  await expect(readTlsFiles({ ...paths, cert: `${paths.cert}.none` })).rejects.toThrow(
    `The file ${paths.cert}.none (CARILLON_TLS_CERT) cannot be read.`,
  );
  await writeFile(paths.key, selfSigned('other').key);
  await expect(readTlsFiles(paths)).rejects.toThrow(`${paths.cert} and ${paths.key} are no certificate and its key.`);
});

test.each(['cert', 'key'] as const)('a %s that is being written, and still empty, is refused', async (file) => {
  await writeFile(paths[file], '');
  await expect(readTlsFiles(paths)).rejects.toThrow(`${paths.cert} and ${paths.key} are no certificate and its key.`);
});
