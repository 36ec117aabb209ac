import { expect, test } from '@jest/globals';
import { MAX_RESULT_BYTES } from '../../src/handlers/handler.js';
import { createIsolatedHandler } from '../../src/plugins/index.js';
import { failureOf } from '../handlers/support.js';
import { eventually } from '../support/eventually.js';
import { actingHandler, failureBeside, isolation, isRunning, loggedPid, start } from './support.js';

test.each([
  ['exit', 'handler_exited', 'ended with exit code 3'],
  ['die', 'handler_exited', 'was ended by SIGKILL'],
  ['abort', 'handler_exited', 'was ended by SIGABRT'],
  ['rejectUnhandled', 'handler_crashed', 'A rejection was not handled: nobody listens'],
  ['throwLater', 'handler_crashed', 'An error was not caught: from a timer'],
])('a handler that does "%s" ends its own run with %s, to be retried, and no other run', async (act, code, words) => {
  const failure = await failureBeside(await actingHandler(), act);
  expect(failure).toMatchObject({ code, retryable: true, message: expect.stringContaining(words) });
});

test('a handler that never yields is killed, and its run may be retried', async () => {
  const handler = await actingHandler({ hungAfterBeats: 3 });
  expect(await failureBeside(handler, 'hang')).toMatchObject({ code: 'handler_hung', retryable: true });
});

test('a handler that fills its heap ends its own run, and the message names the limit', async () => {
  const failure = await failureBeside(await actingHandler({ memoryLimitMb: 48 }), 'fillHeap');
  expect(failure).toMatchObject({ code: 'handler_out_of_memory', retryable: true });
  expect(failure).toHaveProperty('message', expect.stringContaining('48 MiB of heap'));
});

test('memory beside the heap is bounded, too', async () => {
  const failure = await failureBeside(await actingHandler({ memoryLimitMb: 48 }), 'fillBuffers');
  expect(failure).toMatchObject({ code: 'handler_out_of_memory', retryable: true });
  expect(failure).toHaveProperty('message', expect.stringContaining('304 MiB in all'));
});

test.each(['floodChannel', 'longMessage'])('a handler that does "%s" is killed, and not tried again', async (act) => {
  expect(await failureBeside(await actingHandler(), act)).toMatchObject({ code: 'handler_flooded', retryable: false });
});

test('what a handler writes into the channel that is no message changes nothing', async () => {
  const run = start(await actingHandler(), { act: 'garbage' });
  await expect(run.outcome).resolves.toBe('went on');
  expect(run.lines).toEqual([]);
});

test.each(['floodLog', 'floodOutput'])(
  'a handler that does "%s" completes, and the rest of its lines is left out',
  async (act) => {
    const run = start(await actingHandler(), { act });
    await expect(run.outcome).resolves.toBe('done');
    const length = run.lines.reduce((sum, { message }) => sum + message.length, 0);
    expect(length).toBeGreaterThan(900 * 1024);
    expect(length).toBeLessThan(1.2 * 1024 * 1024);
  },
);

test('a result of 64 KiB is whole, and of a longer one the beginning is kept with a flag', async () => {
  const handler = await actingHandler();
  const whole = 'z'.repeat(MAX_RESULT_BYTES - 2);
  await expect(start(handler, { act: 'bigResult', value: whole.length }).outcome).resolves.toBe(whole);
  const cut = {
    truncated: true,
    reason: 'The result had 50000002 bytes.',
    beginning: expect.stringMatching(/^"z{16383}$/),
  };
  await expect(start(handler, { act: 'bigResult', value: 50_000_000 }).outcome).resolves.toEqual(cut);
  await expect(start(handler, { act: 'circularResult' }).outcome).resolves.toMatchObject({ truncated: true });
});

test.each(['grandchild', 'detachedGrandchild'])('nothing that a run started outlives it: %s', async (act) => {
  const run = start(await actingHandler(), { act });
  await expect(run.outcome).resolves.toBe('done');
  const pid = await loggedPid(run);
  await eventually(() => expect(isRunning(pid)).toBe(false));
});

test('nothing that a run started outlives a process that ends by itself', async () => {
  const run = start(await actingHandler(), { act: 'grandchildThenExit' });
  expect(await failureOf(run.outcome)).toMatchObject({ code: 'handler_exited' });
  const pid = await loggedPid(run);
  await eventually(() => expect(isRunning(pid)).toBe(false));
});

test('a handler that heeds its signal can tidy up, and learns why', async () => {
  const abort = new AbortController();
  const run = start(await actingHandler(), { act: 'heedAbort' }, { signal: abort.signal });
  await eventually(() => expect(run.lines[0]?.message).toBe('waiting'));
  abort.abort(new Error('the job was cancelled'));
  expect(await failureOf(run.outcome)).toMatchObject({ message: 'the job was cancelled' });
  expect(run.lines[1]).toMatchObject({ message: 'tidied up', fields: { because: 'the job was cancelled' } });
});

test('a handler that ignores its signal is killed after the grace, and fails with the reason of the signal', async () => {
  const abort = new AbortController();
  const reason = new Error('the job was cancelled');
  const run = start(await actingHandler({ abortGraceMs: 100 }), { act: 'ignoreAbort' }, { signal: abort.signal });
  const pid = await loggedPid(run);
  expect(isRunning(pid)).toBe(true);
  abort.abort(reason);
  expect(await failureOf(run.outcome)).toBe(reason);
  expect(isRunning(pid)).toBe(false);
});

test('a run that is stopped before it begins starts no process', async () => {
  const reason = new Error('too late');
  const run = start(
    await actingHandler({ entry: '/nowhere.js' }),
    { act: 'echo' },
    { signal: AbortSignal.abort(reason) },
  );
  expect(await failureOf(run.outcome)).toBe(reason);
});

test('a process that cannot be started fails the run, which may be retried', async () => {
  const { definition } = await actingHandler();
  const handler = createIsolatedHandler(definition, { folder: '/nowhere', handlersFile: '/nowhere/x.js' }, isolation());
  const failure = await failureOf(start(handler, { act: 'echo' }).outcome);
  expect(failure).toMatchObject({ code: 'handler_not_started', retryable: true });
});

test('each run has a process of its own: nothing is left of the one before', async () => {
  const handler = await actingHandler();
  const pids = new Set<number>();
  for (const act of ['hang', 'hang']) {
    const abort = new AbortController();
    const run = start(await actingHandler({ abortGraceMs: 0 }), { act }, { signal: abort.signal });
    pids.add(await loggedPid(run));
    abort.abort();
    await failureOf(run.outcome);
  }
  await expect(start(handler, { act: 'echo', value: 1 }).outcome).resolves.toBe(1);
  expect(pids.size).toBe(2);
});
