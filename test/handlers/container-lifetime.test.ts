import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { ALPINE, openEngines, runOn, signalFlag } from './container-support.js';
import { ends, type StandInEngine } from './docker-engine.js';
import { failureOf, runContext } from './support.js';

const engines = openEngines();
afterEach(() => engines.closeAll());

const RUN = { 'carillon.run-id': 'run-1' };
const created = (engine: StandInEngine) => engine.asked('POST', /^\/containers\/create$/);

describe('an abort', () => {
  test('stops the container with SIGTERM, hears its last words and removes it', async () => {
    const started = signalFlag();
    const engine = await engines.engine(async ({ stdout, terminated }) => {
      started.raise();
      await terminated;
      stdout('bye\n');
    });
    const abort = new AbortController();
    const context = runContext(abort.signal);
    const failure = failureOf(runOn(engine, {}, context));
    await started.raised;
    const reason = new Error('cancelled');
    abort.abort(reason);
    expect(await failure).toBe(reason);
    expect(context.lines).toMatchObject([{ level: 'info', message: 'bye' }]);
    expect(engine.asked('POST', /\/stop$/)).toMatchObject([{ query: { t: '5' } }]);
    expect(engine.containers.size).toBe(0);
  });

  test('ends a container that does not heed SIGTERM', async () => {
    const started = signalFlag();
    const engine = await engines.engine(({ killed }) => {
      started.raise();
      return ends(killed);
    });
    const abort = new AbortController();
    const failure = failureOf(runOn(engine, {}, runContext(abort.signal)));
    await started.raised;
    abort.abort();
    expect(await failure).toBe(abort.signal.reason);
    expect(engine.containers.size).toBe(0);
  });

  test('before the start makes no container', async () => {
    const engine = await engines.engine();
    const signal = AbortSignal.abort();
    expect(await failureOf(runOn(engine, {}, runContext(signal)))).toBe(signal.reason);
    expect(engine.requests).toEqual([]);
  });

  test('while the image is pulled ends the pull, and makes no container', async () => {
    const engine = await engines.engine();
    const neverDone = new Promise(() => undefined);
    engine.registry.set('docker.io/library/slow:latest', { image: () => 0, until: neverDone });
    const abort = new AbortController();
    const context = runContext(abort.signal);
    const failure = failureOf(runOn(engine, { image: 'slow' }, context));
    await eventually(() => expect(context.lines.at(-1)?.message).toContain('Pulling from'));
    expect(engine.pulling).toBe(1);
    abort.abort();
    expect(await failure).toBe(abort.signal.reason);
    await eventually(() => expect(engine.pulling).toBe(0));
    expect(created(engine)).toHaveLength(1); // the one that found no image
    expect(engine.containers.size).toBe(0);
  });

  test('while the container is made leaves none: the engine makes it, whoever still listens', async () => {
    const engine = await engines.engine();
    const abort = new AbortController();
    engine.fault = ({ path }) => {
      if (path === '/containers/create') abort.abort();
      return undefined;
    };
    expect(await failureOf(runOn(engine, {}, runContext(abort.signal)))).toBe(abort.signal.reason);
    expect(created(engine)).toHaveLength(1);
    expect(engine.asked('POST', /\/start$/)).toEqual([]);
    expect(engine.containers.size).toBe(0);
  });

  test.each(['attach', 'start'])('while the engine is slow to %s leaves none', async (action) => {
    const engine = await engines.engine();
    const abort = new AbortController();
    const neverDone = new Promise<undefined>(() => undefined);
    engine.fault = ({ path }) => {
      if (!path.endsWith(`/${action}`)) return undefined;
      abort.abort();
      return neverDone;
    };
    expect(await failureOf(runOn(engine, {}, runContext(abort.signal)))).toBe(abort.signal.reason);
    expect(engine.containers.size).toBe(0);
  });
});

describe('what an earlier attempt has left', () => {
  test('is gone before the next one begins', async () => {
    const engine = await engines.engine();
    const left = engine.leave('carillon-run-1', RUN);
    engine.images.set(ALPINE, () => expect([...engine.containers.keys()]).not.toContain(left.id));
    const context = runContext();
    expect(await runOn(engine, {}, context)).toMatchObject({ exitCode: 0 });
    expect(context.lines).toMatchObject([{ level: 'warn', message: expect.stringMatching(/^Removed 1 container/) }]);
    expect(left.status).toBe('exited');
  });

  test('stays where it belongs to another run', async () => {
    const engine = await engines.engine();
    const other = engine.leave('carillon-run-2', { 'carillon.run-id': 'run-2' });
    await runOn(engine);
    expect(other.status).toBe('running');
  });

  test('keeps the next one from beginning when it cannot be removed', async () => {
    const engine = await engines.engine();
    engine.leave('carillon-run-1', RUN);
    engine.fault = ({ method }) => (method === 'DELETE' ? { status: 500, message: 'device busy' } : undefined);
    expect(await failureOf(runOn(engine))).toMatchObject({
      code: 'engine_error',
      retryable: true,
      message: 'The container engine answered 500 Internal Server Error while removing the container: device busy',
    });
    expect(created(engine)).toEqual([]);
  });

  test('is waited for when somebody else is removing it', async () => {
    const engine = await engines.engine();
    const left = engine.leave('carillon-run-1', RUN);
    engine.fault = ({ method, path }) => {
      if (method === 'DELETE' && path.endsWith(left.id)) {
        return { status: 409, message: `removal of container ${left.id} is already in progress` };
      }
      if (path.endsWith('/wait') && engine.containers.delete(left.id)) left.markRemoved();
      return undefined;
    };
    expect(await runOn(engine)).toMatchObject({ exitCode: 0 });
  });

  test('cannot stand beside the next one, even if it came after the look: both want one name', async () => {
    const engine = await engines.engine();
    engine.fault = ({ path }) => {
      if (path === '/containers/create') engine.leave('carillon-run-1', RUN);
      return undefined;
    };
    expect(await failureOf(runOn(engine))).toMatchObject({ code: 'engine_error', retryable: true });
  });
});
