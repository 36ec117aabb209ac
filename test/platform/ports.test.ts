import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { freePort, portProblems } from '../../src/platform/embedded/ports.js';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

/** Listens on a free port, which is then taken. */
async function takenPort(): Promise<number> {
  const port = await freePort();
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return port;
}

describe('before anything starts', () => {
  test('a taken port is named, with the variable that changes it', async () => {
    const port = await takenPort();
    const problems = await portProblems([{ port, host: '127.0.0.1', variable: 'PORT' }]);
    expect(problems).toEqual([`Port ${port} is taken: set PORT to another.`]);
  });

  test('free ports are no problem, and are free afterwards', async () => {
    const wanted = { port: await freePort(), host: '127.0.0.1', variable: 'PORT' };
    expect(await portProblems([wanted])).toEqual([]);
    expect(await portProblems([wanted])).toEqual([]);
  });

  test('every problem is said at once', async () => {
    const [one, other] = [await takenPort(), await takenPort()];
    const problems = await portProblems([
      { port: one, host: '127.0.0.1', variable: 'PORT' },
      { port: other, host: '127.0.0.1', variable: 'TEMPORAL_PORT' },
    ]);
    expect(problems).toHaveLength(2);
  });

  test('one port for two services is a problem although it is free', async () => {
    const port = await freePort();
    const problems = await portProblems([
      { port, host: '127.0.0.1', variable: 'PORT' },
      { port, host: '127.0.0.1', variable: 'TEMPORAL_PORT' },
    ]);
    expect(problems).toEqual([`PORT and TEMPORAL_PORT are both ${port}: set one of them to another port.`]);
  });

  test('an address of another machine is a problem of HOST', async () => {
    // 192.0.2.0/24 is nobody's (RFC 5737).
    const problems = await portProblems([{ port: await freePort(), host: '192.0.2.1', variable: 'PORT' }]);
    expect(problems).toEqual(['192.0.2.1 is not an address of this machine: set HOST to another.']);
  });
});

describe('a port that is remembered between starts', () => {
  test('is taken again when it is free', async () => {
    const port = await freePort();
    expect(await freePort(port)).toBe(port);
  });

  test('gives way to another when it is taken', async () => {
    const port = await takenPort();
    expect(await freePort(port)).not.toBe(port);
  });
});
