import { existsSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  ConfigError,
  readServerConfig,
  readWorkerConfig,
  type CommonConfig,
  type Environment,
} from '../../src/platform/config.js';
import { searchAttributes } from '../../src/workflows/messages.js';
import { read, readCompose } from './compose.js';

const secrets = { POSTGRES_PASSWORD: 'abc', CARILLON_ADMIN_KEY: 'carillon_key', CARILLON_ENCRYPTION_KEYS: 'k:x' };
const services = readCompose(secrets);
const carillon = [...services].filter(([, { command }]) => command?.[1]?.startsWith('dist/'));
const inProject = (file: string) => new URL(`../../${file}`, import.meta.url);

const SECOND = 1_000;
const ENDED = 'service_completed_successfully';

test('there are an API and workers: of every role, and of each role alone', () => {
  expect(carillon.map(([name, { environment }]) => [name, environment?.['CARILLON_ROLE']])).toEqual([
    ['api', undefined],
    ['worker', 'all'],
    ['scheduler', 'scheduler'],
    ['executor', 'executor'],
  ]);
});

describe.each(carillon)('%s', (_name, service) => {
  const { environment = {}, command = [], stop_grace_period = '' } = service;
  const readConfig = command[1] === 'dist/server.js' ? readServerConfig : readWorkerConfig;

  test('is given only variables that it reads, with values that it takes', () => {
    expect(Object.keys(environment).filter((name) => !isRead(readConfig, environment, name))).toEqual([]);
    expect(readConfig(environment).warnings).toEqual([]);
  });

  test('gets longer to stop than its own grace and what follows it', () => {
    const seconds = Number(/^(\d+)s$/.exec(stop_grace_period)?.[1]);
    expect(seconds * SECOND).toBeGreaterThanOrEqual(readConfig(environment).shutdownGraceMs + 10 * SECOND);
  });

  test('is started as `npm start` starts it', () => {
    expect(command).toHaveLength(2);
    expect(command[0]).toBe('node');
    expect(existsSync(inProject(command[1]?.replace(/^dist\/(.*)\.js$/, 'src/$1.ts') ?? ''))).toBe(true);
  });
});

test('the database is migrated by the command that `npm run db:migrate` ends in', () => {
  expect(services.get('migrate')?.command).toEqual(['node', 'scripts/prisma.mjs', 'migrate', 'deploy']);
  expect(read('scripts/db.mjs')).toContain("prisma(['migrate', 'deploy'])");
  expect(existsSync(inProject('scripts/prisma.mjs'))).toBe(true);
});

describe.each([...services])('%s', (name, service) => {
  test('is published on loopback, or not at all', () => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  test('tells whether it is well, or does its work and ends', () => {
    const endsWell = [...services.values()].some(({ depends_on }) => depends_on?.[name]?.condition === ENDED);
    expect(service.healthcheck === undefined).toBe(endsWell);
    expect(service.restart).toBe(endsWell ? 'on-failure:5' : 'unless-stopped');
  });

  test('waits for what can come true', () => {
    const neverTrue = Object.entries(service.depends_on ?? {}).filter(([other, { condition }]) =>
      condition === 'service_healthy' ? !services.get(other)?.healthcheck : !services.has(other),
    );
    expect(neverTrue).toEqual([]);
  });

  test('has no rights, and a file system that it can not write', () => {
    expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
  });

  test('is of one version, or built from here', () => {
    expect(service.image).toMatch(service.build ? /^carillon(-migrate)?:local$/ : /:v?\d+\.\d+/);
  });

  test('is given files that are there', () => {
    const files = (service.volumes ?? []).flatMap((volume) => /^\.\/([^:]+):[^:]+:ro$/.exec(volume)?.[1] ?? []);
    expect(files.filter((file) => !existsSync(inProject(file)))).toEqual([]);
    expect(files.length).toBe((service.volumes ?? []).filter((volume) => volume.startsWith('.')).length);
  });
});

test('only the proxy, the Web UI and Mailpit can be reached from outside', () => {
  const published = [...services].filter(([, { ports }]) => ports).map(([name]) => name);
  expect(published.toSorted()).toEqual(['mailpit', 'proxy', 'temporal-ui']);
});

test('the databases and Temporal are in the inner network only', () => {
  for (const name of ['postgres', 'temporal']) expect(services.get(name)?.networks).toEqual(['inside']);
});

test.each(Object.keys(secrets))('nothing starts without %s', (name) => {
  expect(() => readCompose({ ...secrets, [name]: '' })).toThrow(`${name} must be set in .env`);
});

test('the example of .env names every variable, and gives no secret away', () => {
  const example = read('deploy/compose/.env.example');
  const used = [...read('docker-compose.yml').matchAll(/\$\{(\w+)/g)].map(([, name]) => name);
  const named = [...example.matchAll(/^(?:# )?([A-Z_]+)=(.*)$/gm)];
  expect(new Set(named.map(([, name]) => name))).toEqual(new Set(used));
  expect(named.filter(([line]) => !line.startsWith('#')).map(([line]) => line)).toEqual([
    'POSTGRES_PASSWORD=',
    'CARILLON_ADMIN_KEY=',
    'CARILLON_ENCRYPTION_KEYS=',
  ]);
});

test('the search attributes of the workflows are registered', () => {
  const registered = read('deploy/compose/temporal/setup-namespace.sh').match(/Carillon[A-Z]\w+/g);
  expect(new Set(registered)).toEqual(new Set(Object.values(searchAttributes).map(({ name }) => name)));
});

test('the images are built only from what .dockerignore lets in', () => {
  const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, files]) =>
    files?.split(' '),
  );
  const letIn = [...read('.dockerignore').matchAll(/^!(.*)$/gm)].map(([, file]) => file);
  expect(new Set(copied)).toEqual(new Set(letIn));
  expect(letIn.filter((file) => !existsSync(inProject(file ?? '')))).toEqual([]);
});

test('the images are targets of the Dockerfile', () => {
  const targets = [...read('Dockerfile').matchAll(/^FROM \S+ AS (\w+)$/gm)].map(([, name]) => name);
  expect(targets).toEqual(expect.arrayContaining([...services.values()].flatMap(({ build }) => build?.target ?? [])));
});

/** Does it make a difference whether this variable is given? */
function isRead(readConfig: (env: Environment) => CommonConfig, env: Environment, name: string): boolean {
  const outcome = (value: string): string => {
    try {
      return JSON.stringify({ ...readConfig({ ...env, [name]: value }), warnings: [] });
    } catch (error) {
      if (error instanceof ConfigError) return error.message;
      throw error;
    }
  };
  return outcome('?') !== outcome('');
}
