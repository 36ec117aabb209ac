import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { identityOf } from '../../src/platform/embedded/process-identity.js';
import { portProblems } from '../../src/platform/embedded/ports.js';
import { createTestDatabase } from '../support/database.js';
import { type Dev, type DevPorts, freePorts, livingServices, startDev } from '../support/dev.js';
import { eventually } from '../support/eventually.js';
import { createTestTemporal } from '../support/temporal.js';
import { temporaryDir } from '../support/temporary-dir.js';

let home: string;
let dataDir: string;
let ports: DevPorts;
const started: Dev[] = [];

beforeAll(async () => {
  home = temporaryDir('with a space');
  dataDir = path.join(home, 'data');
  ports = await freePorts();
});
afterEach(async () => {
  for (const dev of started.splice(0)) {
    dev.signal('SIGINT');
    await dev.ended;
  }
});

function start(env: NodeJS.ProcessEnv = {}): Dev {
  const dev = startDev(dataDir, { ...ports, ...env });
  started.push(dev);
  return dev;
}

async function call(method: string, url: string, body?: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(`http://127.0.0.1:${ports.PORT}${url}`, {
    method,
    headers: {
      authorization: `Bearer ${readFileSync(path.join(dataDir, 'admin-key'), 'utf8').trim()}`,
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await response.json()) as Record<string, unknown>;
}

async function submit(executionTime: string): Promise<string> {
  const { jobId } = await call('POST', '/api/jobs', { jobName: 'hello', jobType: 'one-time', executionTime });
  return String(jobId);
}

async function completes(jobId: string, withinMs = 20_000): Promise<void> {
  await eventually(
    async () => expect(await call('GET', `/api/jobs/${jobId}/status`)).toMatchObject({ status: 'completed' }),
    withinMs,
  );
}

function pidOf(name: string): number {
  const service = livingServices(dataDir).find((one) => one.name === name);
  if (!service) throw new Error(`${name} does not run`);
  return service.pid;
}

const onLinux = process.platform === 'linux' ? describe : describe.skip; // only Linux shows another process's environment, in /proc

function variablesOf(name: string): (string | undefined)[] {
  const variables = readFileSync(`/proc/${pidOf(name)}/environ`, 'utf8')
    .split('\0')
    .filter(Boolean);
  return variables.map((variable) => variable.split('=')[0]).toSorted();
}

async function expectNothingListens(): Promise<void> {
  const wanted = Object.entries(ports).map(([variable, port]) => ({ port: Number(port), host: '127.0.0.1', variable }));
  expect(await portProblems(wanted)).toEqual([]);
}

describe('npm start on a new folder', () => {
  test('brings up everything, and a job that is due now runs', async () => {
    const dev = start();
    await dev.ready();
    expect(
      livingServices(dataDir)
        .map(({ name }) => name)
        .toSorted((a, b) => a.localeCompare(b)),
    ).toEqual(['API', 'Postgres', 'Temporal', 'worker']);
    await completes(await submit('now'));
    const ui = await fetch(`http://127.0.0.1:${ports.TEMPORAL_UI_PORT}/`);
    expect(ui.status).toBe(200);
  }, 120_000);

  test('keeps its secrets from other accounts', () => {
    for (const file of ['admin-key', 'postgres/password']) {
      expect(statSync(path.join(dataDir, file)).mode & 0o777).toBe(0o600);
    }
  });
});

describe('npm start again', () => {
  test('is ready in seconds, and Ctrl-C stops all within 5 s', async () => {
    const dev = start();
    // Some 2 s alone (bench measures that); other tests run beside this one.
    expect(await dev.ready()).toBeLessThan(15_000);
    const services = livingServices(dataDir);
    const stoppedAt = performance.now();
    dev.signal('SIGINT');
    expect(await dev.ended).toBe(0);
    expect(performance.now() - stoppedAt).toBeLessThan(5_000);
    expect(services).toHaveLength(4);
    expect(services.filter(({ pid }) => identityOf(pid) !== undefined)).toEqual([]);
    await expectNothingListens();
  }, 60_000);

  test('a second one on the same folder is refused, and the first goes on', async () => {
    const first = start();
    await first.ready();
    const second = start(await freePorts());
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain('Carillon already runs on');
    await completes(await submit('now'));
  }, 60_000);

  test('after kill -9 ends the orphans, goes on, and has lost no job', async () => {
    const killed = start();
    await killed.ready();
    const later = await submit(new Date(Date.now() + 3_000).toISOString());
    killed.signal('SIGKILL');
    await killed.ended;
    const orphans = livingServices(dataDir);
    expect(orphans).toHaveLength(4);

    const next = start();
    await next.ready();
    expect(next.output()).toContain('Ended what a killed start had left running');
    expect(orphans.filter(({ pid }) => identityOf(pid) !== undefined)).toEqual([]);
    await completes(later);
  }, 90_000);

  test.each(['API', 'worker'])(
    'starts the %s again when it ends',
    async (name) => {
      const dev = start();
      await dev.ready();
      const before = pidOf(name);
      process.kill(before, 'SIGKILL');
      await eventually(() => {
        expect(pidOf(name)).not.toBe(before);
      }, 10_000);
      expect(dev.output()).toContain(`${name} ended unexpectedly (SIGKILL)`);
      await eventually(async () => {
        const { ok } = await fetch(`http://127.0.0.1:${ports.PORT}/readyz`);
        expect(ok).toBe(true);
      }, 20_000);
      await completes(await submit('now'));
    },
    60_000,
  );

  test('stops all when Postgres ends, and says why', async () => {
    const dev = start();
    await dev.ready();
    const services = livingServices(dataDir);
    process.kill(pidOf('Postgres'), 'SIGKILL');
    expect(await dev.ended).toBe(1);
    expect(dev.output()).toContain('Postgres ended unexpectedly (SIGKILL)');
    expect(services.filter(({ pid }) => identityOf(pid) !== undefined)).toEqual([]);
  }, 60_000);

  test('on a taken port names it and starts nothing', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(Number(ports.TEMPORAL_PORT), '127.0.0.1', resolve));
    const dev = start();
    expect(await dev.ended).toBe(1);
    server.close();
    expect(dev.output()).toContain(`Port ${ports.TEMPORAL_PORT} is taken: set TEMPORAL_PORT to another.`);
    expect(livingServices(dataDir)).toEqual([]);
  }, 30_000);
});

describe('npm start with a setting that is wrong', () => {
  const outputOf = async (env: NodeJS.ProcessEnv): Promise<string> => {
    const dev = start(env);
    expect(await dev.ended).toBe(1);
    return dev.output().trim();
  };

  test('says so in sentences, all at once, before anything is started', async () => {
    const CARILLON_DATA_DIR = path.join(home, 'never made');
    const output = await outputOf({
      CARILLON_DATA_DIR,
      CARILLON_ADMIN_KEY: 'secret',
      CARILLON_ROLE: 'king',
    });
    expect(output.split('\n')).toEqual([
      'CARILLON_ROLE must be scheduler, executor or all.',
      'CARILLON_ADMIN_KEY is not a key: make one with `npm run new:key`.',
    ]);
    expect(await outputOf({ CARILLON_DATA_DIR, CARILLON_HTTP_ALLOW: 'localhost:port' })).toMatch(
      /^CARILLON_HTTP_ALLOW has a bad entry "localhost:port": .*\.$/,
    );
    expect(existsSync(CARILLON_DATA_DIR)).toBe(false);
  }, 30_000);

  test('names CARILLON_DATA_DIR when a file is in its place, and variables that mean nothing', async () => {
    const file = path.join(home, 'a file');
    writeFileSync(file, '');
    for (const CARILLON_DATA_DIR of [file, path.join(file, 'within')]) {
      expect(await outputOf({ CARILLON_DATA_DIR, CARILLON_PROT: '1' })).toBe(
        'CARILLON_PROT is set, but there is no such variable: it changes nothing.\n' +
          `${CARILLON_DATA_DIR} can't be the data folder (a file is in the way): set CARILLON_DATA_DIR to another.`,
      );
    }
  }, 30_000);

  test('names DATABASE_URL when nothing answers there', async () => {
    const CARILLON_DATA_DIR = path.join(home, 'no database');
    const env = {
      CARILLON_DATA_DIR,
      DATABASE_URL: 'postgresql://a:very-secret@127.0.0.1:1/x',
      TEMPORAL_ADDRESS: 'x:1',
    };
    const output = await outputOf(env);
    expect(output).toBe("The database that DATABASE_URL names can't be reached: connect ECONNREFUSED 127.0.0.1:1.");
  }, 30_000);
});

describe('npm start whose data folder is deleted under it', () => {
  test('still ends everything at Ctrl-C', async () => {
    const deleted = path.join(home, 'deleted');
    const dev = startDev(deleted, ports);
    started.push(dev);
    await dev.ready();
    const services = livingServices(deleted);
    expect(services).toHaveLength(4);
    rmSync(deleted, { recursive: true });
    dev.signal('SIGINT');
    expect(await dev.ended).toBe(0);
    expect(services.filter(({ pid }) => identityOf(pid) !== undefined)).toEqual([]);
    await expectNothingListens();
  }, 60_000);
});

onLinux('npm start', () => {
  test('hands its environment, which may hold secrets, to no program but ours', async () => {
    const dev = start({ A_SECRET: 'x' });
    await dev.ready();
    expect(variablesOf('API')).toContain('A_SECRET');
    expect(variablesOf('Temporal')).toEqual(['HOME', 'PATH']);
    expect(variablesOf('Postgres')).toEqual(['LC_ALL', 'TZ']);
  }, 60_000);
});

describe('with a database and a Temporal of its own given', () => {
  test('the embedded ones stay out', async () => {
    const { url } = await createTestDatabase();
    const { address, namespace } = await createTestTemporal();
    const given = { DATABASE_URL: url, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
    const other = path.join(home, 'other');
    mkdirSync(other);
    const dev = startDev(other, { ...ports, ...given });
    started.push(dev);
    await dev.ready();
    expect(livingServices(other).map(({ name }) => name)).toEqual(['API', 'worker']);
  }, 60_000);
});
