import { afterEach, describe, expect, test } from '@jest/globals';
import { createContainerHandler } from '../../src/handlers/container/handler.js';
import { eventually } from '../support/eventually.js';
import { openEngines, runOn, signalFlag } from './container-support.js';
import { ends, StandInEngine } from './docker-engine.js';
import { failureOf, runContext } from './support.js';

const engines = openEngines();
afterEach(() => engines.closeAll());

describe('an engine', () => {
  test('that is not there is a failure to try again', async () => {
    const engine = await new StandInEngine().listen();
    await engine.close();
    expect(await failureOf(runOn(engine))).toMatchObject({
      code: 'engine_unreachable',
      retryable: true,
      message: expect.stringMatching(
        /^The container engine could not be reached while listing containers \(E[A-Z]+\)\.$/,
      ),
    });
  });

  test('that ends while the container runs is a failure to try again, and the log tells what may be left', async () => {
    const started = signalFlag();
    const engine = await engines.engine(({ killed }) => {
      started.raise();
      return ends(killed);
    });
    const context = runContext();
    const failure = failureOf(runOn(engine, {}, context));
    await started.raised;
    await eventually(() => expect(engine.asked('POST', /\/wait$/)).toHaveLength(1));
    await engine.close();
    expect(await failure).toMatchObject({ code: 'engine_unreachable', retryable: true });
    expect(context.lines.at(-1)).toMatchObject({
      level: 'warn',
      message: expect.stringMatching(/^A container of this run may be left on the engine \(removing the container: E/),
    });
  });

  test('whose connections end while the container runs on is asked again', async () => {
    const [started, goOn] = [signalFlag(), signalFlag()];
    const engine = await engines.engine(async ({ stdout }) => {
      stdout('before\n');
      started.raise();
      await goOn.raised;
      stdout('after\n');
    });
    const context = runContext();
    const result = runOn(engine, {}, context);
    await started.raised;
    await eventually(() => expect(engine.asked('POST', /\/wait$/)).toHaveLength(1));
    engine.dropConnections();
    await eventually(() => {
      expect(engine.asked('POST', /\/wait$/)).toHaveLength(2);
      expect([...engine.containers.values()][0]?.attached.size).toBe(1);
    });
    goOn.raise();
    expect(await result).toMatchObject({ exitCode: 0, stdout: 'before\nafter\n' });
    expect(context.lines.map(({ message }) => message)).toEqual([
      'before',
      'The output broke off while the container went on: some of it may be missing.',
      'after',
    ]);
    expect(engine.containers.size).toBe(0);
  });

  test('that makes a container and cannot say so keeps none', async () => {
    const engine = await engines.engine();
    const other = engine.leave('carillon-run-2', { 'carillon.run-id': 'run-2', 'carillon.claim': 'other' });
    engine.fault = ({ path }) => (path === '/containers/create' ? 'drop-after' : undefined);
    expect(await failureOf(runOn(engine))).toMatchObject({ code: 'engine_unreachable', retryable: true });
    expect([...engine.containers.values()]).toEqual([other]);
  });

  test('that cannot remove the container does not fail a run that succeeded, and the log tells', async () => {
    const engine = await engines.engine();
    engine.fault = ({ method }) => (method === 'DELETE' ? { status: 500, message: 'device busy' } : undefined);
    const context = runContext();
    expect(await runOn(engine, {}, context)).toMatchObject({ exitCode: 0 });
    expect(context.lines).toMatchObject([
      { level: 'warn', message: 'A container of this run may be left on the engine (removing the container: 500).' },
    ]);
  });

  test.each([
    [400, false],
    [500, true],
    [503, true],
  ])('that answers %i fails the attempt (retryable: %j), in its own words', async (status, retryable) => {
    const engine = await engines.engine();
    engine.fault = ({ path }) => (path === '/containers/create' ? { status, message: 'no\nway' } : undefined);
    expect(await failureOf(runOn(engine))).toMatchObject({
      code: 'engine_error',
      retryable,
      message: expect.stringMatching(
        new RegExp(`^The container engine answered ${status} .* while creating the container: no way$`),
      ),
    });
  });

  test('that has fewer CPUs than asked for says so, and another attempt does not help', async () => {
    const engine = await engines.engine();
    expect(await failureOf(runOn(engine, { limits: { cpus: 64 } }))).toMatchObject({
      code: 'engine_error',
      retryable: false,
      message: expect.stringContaining('as there are only 8 CPUs available'),
    });
  });

  test('that removes a container under us is a failure to try again', async () => {
    const engine = await engines.engine(({ killed }) => ends(killed));
    engine.fault = ({ path }) => {
      if (path.endsWith('/wait')) engine.containers.clear();
      return undefined;
    };
    expect(await failureOf(runOn(engine))).toMatchObject({ code: 'engine_error', retryable: true });
  });

  test('never has its words told where they quote the payload', async () => {
    const engine = await engines.engine();
    const quotes = ['PASSWORD=ca"nary-9', 'PASSWORD="ca\\"nary-9"', 'bad value canary9', 'unknown flag --tok-7341'];
    for (const message of quotes) {
      engine.fault = ({ path }) => (path.endsWith('/start') ? { status: 500, message } : undefined);
      const payload = { environment: { PASSWORD: 'ca"nary-9' }, command: ['run', '--tok-7341'] };
      expect(await failureOf(runOn(engine, payload))).toMatchObject({
        code: 'engine_error',
        message: 'The container engine answered 500 Internal Server Error while starting the container.',
        cause: undefined,
      });
    }
  });
});

describe('the sweep', () => {
  test('removes containers of runs that are over, and no others', async () => {
    const engine = await engines.engine();
    engine.leave('carillon-run-1', { 'carillon.run-id': 'run-1' });
    const underWay = engine.leave('carillon-run-2', { 'carillon.run-id': 'run-2' });
    const notOurs = engine.leave('carillon-run-3', { 'carillon.run-id': 'run-3' });
    const unlabelled = engine.leave('postgres', { 'com.example': 'x' });
    const asked: string[][] = [];
    const handler = createContainerHandler({ dockerHost: engine.host, node: 'node-1' });
    const removed = await handler.sweep(async (runIds) => {
      asked.push([...runIds]);
      return new Set(['run-1', 'run-9']);
    });
    expect(removed).toBe(1);
    expect(asked).toEqual([['run-1', 'run-2', 'run-3']]);
    expect([...engine.containers.values()]).toEqual([underWay, notOurs, unlabelled]);
  });

  test('asks nothing where there is nothing', async () => {
    const engine = await engines.engine();
    const handler = createContainerHandler({ dockerHost: engine.host, node: 'node-1' });
    expect(await handler.sweep(() => Promise.reject(new Error('asked')))).toBe(0);
  });

  test('says so when there is no engine', async () => {
    const handler = createContainerHandler({ dockerHost: 'tcp://127.0.0.1:1', node: 'node-1' });
    expect(await failureOf(handler.sweep(async () => new Set()))).toMatchObject({ code: 'engine_unreachable' });
  });
});

test.each([
  '',
  'docker.sock',
  '/var/run/docker.sock',
  'unix://docker.sock',
  'tcp://host',
  'tcp://host:0',
  'tcp://host:99999',
  'https://host:2376',
  'ssh://root@host',
])('a Docker host written %j is refused at once', (dockerHost) => {
  expect(() => createContainerHandler({ dockerHost, node: 'node-1' })).toThrow(/^The Docker host must be /);
});
