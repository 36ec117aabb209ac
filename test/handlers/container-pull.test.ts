import { afterEach, describe, expect, test } from '@jest/globals';
import { openEngines, runOn } from './container-support.js';
import { failureOf, runContext } from './support.js';

const engines = openEngines();
afterEach(() => engines.closeAll());

const APP = 'registry.example.com/team/app';
const DIGEST = `sha256:${'a'.repeat(64)}`;
const pulls = /^\/images\/create$/;

describe('an image', () => {
  test('that the engine does not have is pulled, with its progress in the log', async () => {
    const engine = await engines.engine();
    const lines = [
      { status: 'Pulling from team/app', id: '1' },
      { status: 'Downloading', id: 'f00', progressDetail: { current: 1, total: 9 }, progress: '[=>]' },
      { status: 'Pull complete', id: 'f00', progressDetail: {} },
    ];
    engine.registry.set(`${APP}:1`, { image: () => 0, lines });
    const context = runContext();
    expect(await runOn(engine, { image: `${APP}:1` }, context)).toMatchObject({ image: `${APP}:1` });
    expect(engine.asked('POST', pulls)).toMatchObject([{ query: { fromImage: APP, tag: '1' } }]);
    expect(context.lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
      `debug Pulling ${APP}:1.`,
      'debug 1: Pulling from team/app',
      'debug f00: Pull complete',
    ]);
  });

  test.each([
    ['app', 'docker.io/library/app', 'latest'],
    [APP, APP, 'latest'],
    [`${APP}@${DIGEST}`, APP, DIGEST],
    [`${APP}:1@${DIGEST}`, APP, DIGEST],
  ])(
    'said as %s is asked for by one tag or digest: without, all tags would be pulled',
    async (image, fromImage, tag) => {
      const engine = await engines.engine();
      await failureOf(runOn(engine, { image }));
      expect(engine.asked('POST', pulls).map(({ query }) => query)).toEqual([{ fromImage, tag }]);
    },
  );

  test('that the engine has is not pulled, unless that is always to be done', async () => {
    const engine = await engines.engine();
    await runOn(engine);
    await runOn(engine, { pull: 'never' });
    expect(engine.asked('POST', pulls)).toEqual([]);
    engine.registry.set('docker.io/library/alpine:3.20', { image: () => 4 });
    expect(await failureOf(runOn(engine, { pull: 'always' }))).toMatchObject({ code: 'container_exit' });
    expect(engine.asked('POST', pulls)).toHaveLength(1);
  });

  test('that may not be pulled and is not there fails for good', async () => {
    const engine = await engines.engine();
    expect(await failureOf(runOn(engine, { image: 'app', pull: 'never' }))).toMatchObject({
      code: 'image_not_found',
      retryable: false,
      message: 'The engine has no image docker.io/library/app:latest, with pull: never.',
    });
    expect(engine.asked('POST', pulls)).toEqual([]);
  });

  test('that is gone again after its pull fails for good', async () => {
    const engine = await engines.engine();
    engine.registry.set(`${APP}:1`, {});
    expect(await failureOf(runOn(engine, { image: `${APP}:1` }))).toMatchObject({ code: 'image_not_found' });
  });
});

describe('a pull fails', () => {
  const failureWith = async (message: string, status?: number): Promise<unknown> => {
    const engine = await engines.engine();
    const lines = [{ status: 'Pulling' }, { errorDetail: { message }, error: message }];
    engine.registry.set(`${APP}:1`, status === undefined ? { lines } : { status, message });
    const failure = await failureOf(runOn(engine, { image: `${APP}:1`, environment: { TOKEN: 'canary' } }));
    expect(engine.containers.size).toBe(0);
    return failure;
  };

  test.each([
    'manifest for registry.example.com/team/app:1 not found: manifest unknown: manifest unknown',
    'registry.example.com/team/app:1: not found',
    "pull access denied for team/app, repository does not exist or may require 'docker login': denied: requested access",
    'unauthorized: authentication required',
    'error from registry: denied: no',
    'name unknown: The repository does not exist',
  ])('for good with "%s" in its answer', async (message) => {
    expect(await failureWith(message)).toMatchObject({
      code: 'image_not_found',
      retryable: false,
      message: 'The image registry.example.com/team/app:1 does not exist, or its registry asks for a login.',
    });
  });

  test.each([404, 401, 403])('for good with status %i', async (status) => {
    expect(await failureWith('no', status)).toMatchObject({ code: 'image_not_found', retryable: false });
  });

  test('for good where there is no image for the platform', async () => {
    expect(await failureWith('no matching manifest for linux/arm64/v8 in the manifest list entries')).toMatchObject({
      code: 'image_not_found',
      message: expect.stringContaining('for the platform of this engine'),
    });
  });

  test.each([
    ['toomanyrequests: You have reached your pull rate limit.', undefined],
    ['received unexpected HTTP status: 503 Service Unavailable', undefined],
    ['Get "https://registry.example.com/v2/": dial tcp: lookup registry.example.com: no such host', 500],
    ['net/http: TLS handshake timeout', 500],
    ['too many requests', 429],
  ])('for now with "%s" (status %j)', async (message, status) => {
    const failure = await failureWith(message, status);
    expect(failure).toMatchObject({ code: 'image_pull_failed', retryable: true });
    expect((failure as Error).message).toBe(
      `The image registry.example.com/team/app:1 could not be pulled: ${message}`,
    );
  });

  test('for good where the engine does not take the reference', async () => {
    expect(await failureWith('invalid reference format', 400)).toMatchObject({
      code: 'image_pull_failed',
      retryable: false,
    });
  });

  test('for now though the image is named like an error', async () => {
    const engine = await engines.engine();
    const message = 'failed to pull denied: 503 Service Unavailable';
    engine.registry.set('docker.io/team/denied:latest', { lines: [{ error: 'pulling docker.io/team/denied: 503' }] });
    engine.registry.set('docker.io/library/app:latest', { lines: [{ error: message }] });
    expect(await failureOf(runOn(engine, { image: 'team/denied' }))).toMatchObject({ code: 'image_pull_failed' });
    // The twin.
    expect(await failureOf(runOn(engine, { image: 'app' }))).toMatchObject({ code: 'image_not_found' });
  });

  test('without the words that quote the payload, and without what signs a URL', async () => {
    expect(await failureWith('bad proxy http://user:canary@proxy', 500)).toMatchObject({
      message: 'The image registry.example.com/team/app:1 could not be pulled.',
    });
    expect(await failureWith('Get https://cdn.example/blob?X-Sig=secret: \u001b[31mreset', 500)).toMatchObject({
      message: 'The image registry.example.com/team/app:1 could not be pulled: Get https://cdn.example/blob reset',
    });
  });

  test('as an engine out of reach, when the connection ends in the middle of it', async () => {
    const engine = await engines.engine();
    engine.registry.set(`${APP}:1`, { until: new Promise(() => undefined), lines: [{ status: 'Pulling' }] });
    const context = runContext();
    context.log = (_level, message) => void (message === 'Pulling' && engine.dropConnections());
    expect(await failureOf(runOn(engine, { image: `${APP}:1` }, context))).toMatchObject({
      code: 'engine_unreachable',
      retryable: true,
    });
  });
});

test('an answer to a pull that is no JSON, or has no end of progress, harms nothing', async () => {
  const engine = await engines.engine();
  const steps = Array.from({ length: 1_000 }, (_, step) => ({ status: `Step ${step}` }));
  const lines = ['not json\n', 'null\n', '[1]\n', '"text"\n', `${'x'.repeat(200_000)}\n`, ...steps];
  engine.registry.set(`${APP}:1`, { image: () => 0, lines });
  const context = runContext();
  expect(await runOn(engine, { image: `${APP}:1` }, context)).toMatchObject({ exitCode: 0 });
  expect(context.lines).toHaveLength(101);
});
