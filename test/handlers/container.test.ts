import { afterEach, describe, expect, test } from '@jest/globals';
import { ALPINE, openEngines, runOn } from './container-support.js';
import type { StandInEngine } from './docker-engine.js';
import { failureOf, runContext } from './support.js';

const engines = openEngines();
afterEach(() => engines.closeAll());

const created = (engine: StandInEngine) => engine.asked('POST', /^\/containers\/create$/);

describe('a container', () => {
  test.each(['unix', 'tcp'] as const)('runs to its end over %s, and what it wrote is logged and kept', async (over) => {
    const engine = await engines.engine(({ stdout, stderr }) => {
      stdout('one\ntwo\n');
      stderr('three\n');
    }, over);
    const context = runContext();
    expect(await runOn(engine, {}, context)).toEqual({
      exitCode: 0,
      durationMs: expect.any(Number),
      image: ALPINE,
      imageId: `sha256:${'1'.repeat(64)}`,
      stdout: 'one\ntwo\n',
      stderr: 'three\n',
      truncated: false,
      oomKilled: false,
    });
    expect(context.lines.map(({ level, message }) => [level, message])).toEqual([
      ['info', 'one'],
      ['info', 'two'],
      ['warn', 'three'],
    ]);
    expect(engine.containers.size).toBe(0);
  });

  test('is bounded and has no rights, unless its payload asks for what it may have', async () => {
    const engine = await engines.engine();
    await runOn(engine);
    expect(created(engine)).toMatchObject([{ query: { name: 'carillon-run-1' } }]);
    expect(created(engine)[0]?.body).toEqual({
      Image: ALPINE,
      Env: [
        'CARILLON_JOB_ID=job-1',
        'CARILLON_RUN_ID=run-1',
        'CARILLON_ATTEMPT=2',
        'CARILLON_SCHEDULED_FOR=2026-03-03T06:00:00.000Z',
      ],
      Labels: {
        'carillon.run-id': 'run-1',
        'carillon.job-id': 'job-1',
        'carillon.node': 'node-1',
        'carillon.claim': expect.any(String),
      },
      Tty: false,
      OpenStdin: false,
      AttachStdin: false,
      AttachStdout: true,
      AttachStderr: true,
      HostConfig: {
        Memory: 536_870_912,
        MemorySwap: 536_870_912,
        NanoCpus: 1_000_000_000,
        PidsLimit: 256,
        NetworkMode: 'none',
        Privileged: false,
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges'],
        ReadonlyRootfs: false,
        AutoRemove: false,
        RestartPolicy: { Name: 'no' },
        LogConfig: { Type: 'none', Config: {} },
      },
    });
  });

  test('gets all that its payload says', async () => {
    const engine = await engines.engine();
    await runOn(engine, {
      command: ['-c', 'date'],
      entrypoint: ['sh'],
      environment: { GREETING: 'hello = world', EMPTY: '' },
      workingFolder: '/work',
      user: '1000:1000',
      limits: { memory: '2GiB', cpus: 0.1, processes: 10 },
      network: 'bridge',
      readOnly: true,
    });
    expect(created(engine)[0]?.body).toMatchObject({
      Cmd: ['-c', 'date'],
      Entrypoint: ['sh'],
      Env: expect.arrayContaining(['GREETING=hello = world', 'EMPTY=', 'CARILLON_RUN_ID=run-1']),
      WorkingDir: '/work',
      User: '1000:1000',
      HostConfig: {
        Memory: 2_147_483_648,
        MemorySwap: 2_147_483_648,
        NanoCpus: 100_000_000,
        PidsLimit: 10,
        NetworkMode: 'bridge',
        ReadonlyRootfs: true,
        Tmpfs: { '/tmp': 'rw,nosuid,nodev,size=67108864' },
      },
    });
  });

  test('is removed with its volumes', async () => {
    const engine = await engines.engine();
    await runOn(engine);
    expect(engine.asked('DELETE', /^\/containers\//)).toMatchObject([{ query: { force: 'true', v: 'true' } }]);
  });

  test('runs where the engine says, whatever the DOCKER variables of the process are', async () => {
    const engine = await engines.engine();
    process.env['DOCKER_HOST'] = 'tcp://127.0.0.1:1';
    try {
      expect(await runOn(engine)).toMatchObject({ exitCode: 0 });
    } finally {
      delete process.env['DOCKER_HOST'];
    }
  });

  test('is warned of where the engine cannot bound it', async () => {
    const engine = await engines.engine();
    engine.warnings = ['Your kernel does not support swap limit capabilities.'];
    const context = runContext();
    await runOn(engine, {}, context);
    expect(context.lines).toMatchObject([
      { level: 'warn', message: 'A warning of the engine: Your kernel does not support swap limit capabilities.' },
    ]);
  });
});

describe('an exit code', () => {
  test.each([
    [1, true, 'The container ended with exit code 1.'],
    [3, true, 'The container ended with exit code 3.'],
    [137, true, 'The container ended with exit code 137, as after signal 9.'],
    [255, true, 'The container ended with exit code 255.'],
    [125, false, 'The container ended with exit code 125: it could not be run.'],
    [126, false, 'The container ended with exit code 126: its command is not executable.'],
    [127, false, 'The container ended with exit code 127: its command was not found.'],
  ])('of %i fails the attempt (retryable: %j)', async (exitCode, retryable, message) => {
    const engine = await engines.engine(() => exitCode);
    expect(await failureOf(runOn(engine))).toMatchObject({ code: 'container_exit', retryable, message });
    expect(engine.containers.size).toBe(0);
  });

  test('after too much memory says so', async () => {
    const engine = await engines.engine(({ outOfMemory }) => outOfMemory());
    expect(await failureOf(runOn(engine, { limits: { memory: '64MiB' } }))).toMatchObject({
      code: 'container_out_of_memory',
      retryable: true,
      message: 'The container was killed for want of memory; its limit is 64MiB.',
    });
  });

  test('is never there for a command that cannot be started, which the next attempt could not either', async () => {
    const engine = await engines.engine();
    engine.images.set(ALPINE, 'no-command');
    const failure = await failureOf(runOn(engine, { command: ['backup', '--password', 'canary'] }));
    expect(failure).toMatchObject({
      code: 'container_exit',
      retryable: false,
      message: 'The container could not be started (exit code 127): its command was not found.',
    });
    expect(engine.containers.size).toBe(0);
  });

  test('of 0 is success even when the engine can say no more of the container', async () => {
    const engine = await engines.engine();
    engine.fault = ({ method, path }) =>
      method === 'GET' && path.endsWith('/json') && path !== '/containers/json'
        ? { status: 500, message: 'no' }
        : undefined;
    const result = await runOn(engine);
    expect(result).toMatchObject({ exitCode: 0, oomKilled: false });
    expect(result).not.toHaveProperty('imageId');
  });
});
