import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { HandlerError, NonRetryableError } from '../../src/handlers/handler.js';
import { failureOf } from '../handlers/support.js';
import { actingHandler, start } from './support.js';

const CANARY = 'canary-2f7c1f0e';
beforeEach(() => {
  process.env['CARILLON_ADMIN_KEY'] = CANARY;
  process.env['NODE_OPTIONS_CANARY'] = CANARY;
});
afterEach(() => {
  delete process.env['CARILLON_ADMIN_KEY'];
  delete process.env['NODE_OPTIONS_CANARY'];
});

test('an isolated handler sees nothing of the environment of its worker but what it is given', async () => {
  const handler = await actingHandler({ env: { PATH: '/usr/bin', LANG: 'C.UTF-8', GIVEN: 'yes' } });
  const seen = (await start(handler, { act: 'environment' }).outcome) as { env: Record<string, string>; cwd: string };
  const { CARILLON_RUN_MARK: mark, ...env } = seen.env;
  expect(env).toEqual({ PATH: '/usr/bin', LANG: 'C.UTF-8', GIVEN: 'yes', TZ: 'UTC' });
  expect(mark).toMatch(/^[0-9a-f-]{36}$/);
  expect(path.basename(seen.cwd)).toBe('acting-plugin');
  expect(seen).toMatchObject({ send: 'undefined' });
  expect(JSON.stringify(seen)).not.toContain(CANARY);
});

test('an isolated handler gets the facts of its run, and its payload', async () => {
  const handler = await actingHandler();
  await expect(start(handler, { act: 'facts' }).outcome).resolves.toEqual({
    projectId: 'project-1',
    jobId: 'job-1',
    runId: 'run-1',
    attempt: 2,
    scheduledFor: Date.parse('2026-03-03T06:00:00Z'),
  });
  for (const value of [{ a: [1, 'é😀', null] }, 0, '', null]) {
    await expect(start(handler, { act: 'echo', value }).outcome).resolves.toEqual(value);
  }
  await expect(start(handler, { act: 'echo' }).outcome).resolves.toBeUndefined();
});

test('what an isolated handler logs, prints, and says of its progress reaches its run, and it learns what it asks', async () => {
  const run = start(
    await actingHandler(),
    { act: 'talk' },
    {
      previousResult: async () => ({ was: 1 }),
      upstream: async () => [{ jobId: 'j', runId: 'r', outcome: 'completed', result: 2 }],
    },
  );
  await expect(run.outcome).resolves.toEqual({
    previous: { was: 1 },
    upstream: [{ jobId: 'j', runId: 'r', outcome: 'completed', result: 2 }],
  });
  expect(run.progress).toEqual([[0.5, 'half']]);
  expect(run.lines).toHaveLength(4);
  expect(run.lines).toEqual(
    expect.arrayContaining([
      { level: 'warn', message: 'a line', fields: { n: 1 } },
      { level: 'info', message: "{ not: 'a text' }", fields: { leftOut: 'The fields are not JSON.' } },
      { level: 'info', message: 'to the output', fields: { stream: 'stdout' } },
      { level: 'warn', message: 'to the error output, without an end', fields: { stream: 'stderr' } },
    ]),
  );
});

test('why the worker could not read what a handler asked for stays in the worker', async () => {
  const previousResult = () => Promise.reject(new Error(`password ${CANARY}`));
  const run = start(await actingHandler(), { act: 'talk' }, { previousResult });
  expect(await failureOf(run.outcome)).toMatchObject({ message: 'The previousResult of the run could not be read.' });
});

test('a run may ask 100 times', async () => {
  let asked = 0;
  const previousResult = async () => (asked += 1);
  const failure = await failureOf(start(await actingHandler(), { act: 'askTooOften' }, { previousResult }).outcome);
  expect(failure).toHaveProperty('message', expect.stringContaining('100 times'));
  expect(asked).toBe(100);
});

test('what an isolated handler throws is thrown, with its code and whether another attempt helps', async () => {
  const handler = await actingHandler();
  const failure = (act: string) => failureOf(start(handler, { act }).outcome);
  const ordinary = await failure('throw');
  expect(ordinary).toEqual(new Error('an ordinary error'));
  expect(ordinary).not.toBeInstanceOf(HandlerError);
  const later = await failure('throwRetryable');
  expect(later).toBeInstanceOf(HandlerError);
  expect(later).toMatchObject({ code: 'busy', message: 'later', retryable: true, retryAfterMs: 5_000 });
  const never = await failure('throwFinal');
  expect(never).toBeInstanceOf(NonRetryableError);
  expect(never).toMatchObject({ code: 'refused', message: 'never', retryable: false });
  expect(await failure('throwBadCode')).toMatchObject({ code: 'handler_error', message: 'oddly' });
  expect(await failure('throwNothing')).toEqual(new Error('null'));
});

test('the handler of a release that takes other payloads refuses for good', async () => {
  const failure = await failureOf(start(await actingHandler(), { act: 5 }).outcome);
  expect(failure).toMatchObject({ code: 'payload_invalid', retryable: false });
});
