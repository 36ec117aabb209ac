import { once } from 'node:events';
import { Agent, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { expect, test } from '@jest/globals';
import { startHealthServer } from '../../src/platform/health-server.js';
import { listen } from '../../src/platform/http-server.js';
import { createMetrics } from '../../src/platform/metrics.js';

const anyPort = { host: '127.0.0.1', port: 0, portVariable: 'PORT' };

async function statusOf(request: ReturnType<typeof get>): Promise<number | undefined> {
  const [res] = (await once(request, 'response')) as [IncomingMessage];
  res.resume();
  await once(res, 'end');
  return res.statusCode;
}

test('a stop lets the request under way end, takes no other, and waits for no idle connection', async () => {
  let arrive: (res: ServerResponse) => void = () => {};
  const arrived = new Promise<ServerResponse>((resolve) => (arrive = resolve));
  const server = await listen((req, res) => (req.url === '/quick' ? res.end('quick') : arrive(res)), anyPort);

  const agent = new Agent({ keepAlive: true });
  expect(await statusOf(get(`${server.url}/quick`, { agent }))).toBe(200);
  const slow = statusOf(get(`${server.url}/slow`, { agent: new Agent({ keepAlive: true }) }));
  const underWay = await arrived;
  const stopped = server.stop(10_000);
  await expect(statusOf(get(`${server.url}/quick`, { agent: new Agent() }))).rejects.toThrow(/ECONNREFUSED/);
  underWay.end('done');
  expect(await slow).toBe(200);
  await stopped;
  agent.destroy();
});

test('a request that does not end within the grace is cut off', async () => {
  let arrive: () => void = () => {};
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const server = await listen(() => arrive(), anyPort);
  const hanging = statusOf(get(server.url));
  await arrived;
  const stopped = server.stop(0);
  await expect(hanging).rejects.toThrow('socket hang up');
  await stopped;
});

test('a port that is taken is named, with the variable that changes it', async () => {
  const server = await listen((_, res) => res.end(), anyPort);
  const port = Number(new URL(server.url).port);
  await expect(listen((_, res) => res.end(), { ...anyPort, port })).rejects.toThrow(
    `Port ${port} is taken: set PORT to another.`,
  );
  await server.stop(0);
});

test('what is no HTTP is answered with 400 and hurts nobody else', async () => {
  const server = await listen((_, res) => res.end(), anyPort);
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.end('\x16\x03\x01 hello\r\n\r\n');
  const [data] = (await once(socket, 'data')) as [Buffer];
  expect(data.toString()).toMatch(/^HTTP\/1\.1 400/);
  expect(await statusOf(get(server.url))).toBe(200);
  await server.stop(0);
});

test('a client that sends its headers or its body too slowly is cut off, and others are served meanwhile', async () => {
  const patience = { headersMs: 200, requestMs: 400, lookEveryMs: 50 };
  const server = await listen((req, res) => req.resume().on('end', () => res.end()), { ...anyPort, patience });
  const { port } = new URL(server.url);
  for (const slow of [
    'GET / HTTP/1.1\r\nHost: x\r\nX-',
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n1',
  ]) {
    const socket = connect(Number(port), '127.0.0.1');
    const heard: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => heard.push(chunk));
    socket.on('error', () => undefined);
    socket.write(slow);
    const drip = setInterval(() => socket.write('a'), 40);
    expect(await statusOf(get(server.url))).toBe(200);
    await once(socket, 'close');
    clearInterval(drip);
    expect(Buffer.concat(heard).toString()).toMatch(/^(HTTP\/1\.1 408|$)/);
  }
  await server.stop(0);
});

test('a worker’s own server tells of its health, its readiness and its metrics, and of nothing else', async () => {
  let isReady = false;
  const metrics = createMetrics();
  metrics.runsFinished.inc({ handler: 'log', outcome: 'completed' });
  const server = await startHealthServer({ host: '127.0.0.1', port: 0, metrics, isReady: () => isReady });
  const at = async (path: string, method = 'GET') => {
    const response = await fetch(`${server.url}${path}`, { method });
    return { status: response.status, text: await response.text() };
  };
  expect((await at('/healthz')).status).toBe(200);
  expect((await at('/readyz')).status).toBe(503);
  isReady = true;
  expect((await at('/readyz')).status).toBe(200);
  expect((await at('/metrics')).text).toContain('carillon_runs_total{handler="log",outcome="completed"} 1');
  expect((await at('/api/jobs')).status).toBe(404);
  expect((await at('/metrics', 'POST')).status).toBe(405);
  await server.stop(0);
});
