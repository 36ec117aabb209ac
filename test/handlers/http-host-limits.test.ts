import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { failureOf, openThings, run, runContext } from './support.js';

const things = openThings();
afterEach(() => things.closeAll());

const limited = (concurrency: number, perSecond = 1_000) =>
  things.handler(undefined, undefined, { hostLimits: { concurrency, perSecond } });

/** A sink that keeps every answer back until the test gives it. */
async function holdingSink() {
  const held: ServerResponse[] = [];
  const sink = await things.sink((_request, response) => void held.push(response));
  const holds = (count: number) => eventually(() => expect(held).toHaveLength(count));
  return { sink, holds, release: () => held.shift()?.end('ok'), paths: () => sink.received.map(({ url }) => url) };
}

describe('a host with as many requests as it may have', () => {
  test('gets the next one when one ends, in the order of their coming', async () => {
    const { sink, holds, release, paths } = await holdingSink();
    const handler = limited(2);
    const runs = [1, 2, 3, 4].map((number) => run(handler, { url: `${sink.url}/${number}` }));
    await holds(2);
    // Another host's request gets through, so these two wait for more than the next turn of the loop.
    const other = await things.sink();
    expect(await run(handler, { url: other.url })).toMatchObject({ status: 200 });
    expect(paths().toSorted()).toEqual(['/1', '/2']);

    release();
    await eventually(() => expect(paths()).toHaveLength(3));
    expect(paths()[2]).toBe('/3');
    release();
    await eventually(() => expect(paths()).toHaveLength(4));
    expect(paths()[3]).toBe('/4');
    release();
    release();
    await Promise.all(runs);
  });

  test('has a debug line in the log of the run that waits, and of no other', async () => {
    const { sink, holds, release } = await holdingSink();
    const handler = limited(1);
    const first = runContext();
    const second = runContext();
    const runs = [first, second].map((context) => run(handler, { url: sink.url }, context));
    await holds(1);
    const host = `127.0.0.1:${sink.port}`;
    const message = `Waiting for a turn: ${host} has as many requests from this node as it may have`;
    expect(second.lines).toEqual([{ level: 'debug', message, fields: { host } }]);
    release();
    await holds(1);
    release();
    await Promise.all(runs);
    expect(first.lines.map(({ level }) => level)).toEqual(['info']);
    expect(first.lines[0]?.fields).not.toHaveProperty('waitedMs');
    expect(second.lines.map(({ level }) => level)).toEqual(['debug', 'info']);
    expect(second.lines[1]?.fields).toMatchObject({ status: 200, waitedMs: expect.any(Number) });
  });

  test("ends the wait of a run whose signal aborts, with the signal's reason, and never hears of it", async () => {
    const { sink, holds, release, paths } = await holdingSink();
    const handler = limited(1);
    const cancel = new AbortController();
    const reason = new Error('cancelled by a user');
    const context = runContext(cancel.signal);
    const first = run(handler, { url: `${sink.url}/first` });
    const cancelled = failureOf(run(handler, { url: `${sink.url}/cancelled` }, context));
    const next = run(handler, { url: `${sink.url}/next` });
    await holds(1);
    cancel.abort(reason);
    expect(await cancelled).toBe(reason);
    expect(context.lines.at(-1)?.fields).toMatchObject({ error: 'aborted' });
    release();
    await first;
    await holds(1);
    release();
    await next;
    expect(paths()).toEqual(['/first', '/next']);
  });

  test('gives the place of a request that failed to the next', async () => {
    const sink = await things.sink(({ url }, response) => {
      if (url === '/dies') response.destroy();
      else if (url === '/ok') response.end();
    });
    const handler = limited(1);
    const runs = ['/dies', '/hangs', '/ok'].map((path) =>
      run(handler, { url: `${sink.url}${path}`, timeout: path === '/hangs' ? 'PT0.06S' : 'PT30S' }),
    );
    const outcomes = await Promise.allSettled(runs);
    expect(outcomes).toMatchObject([
      { reason: { code: 'http_network' } },
      { reason: { code: 'http_timeout' } },
      { value: { status: 200 } },
    ]);
  });
});

test("waiting uses up nothing of the exchange's own timeout", async () => {
  const sink = await things.sink();
  const handler = limited(10, 1);
  const context = runContext();
  // The third waits for two seconds to be over, which is longer than its timeout.
  const runs = [runContext(), runContext(), context].map((each) =>
    run(handler, { url: sink.url, timeout: 'PT1.6S' }, each),
  );
  expect(await Promise.all(runs)).toMatchObject([{ status: 200 }, { status: 200 }, { status: 200 }]);
  expect(context.lines.map(({ level }) => level)).toEqual(['debug', 'info']);
});

test('the timeout is one for all hops, however many turns they take', async () => {
  const sink = await things.sink((_request, response) => {
    setTimeout(() => response.writeHead(302, { location: '/' }).end(), 25); // a slow server is the subject
  });
  const failure = await failureOf(run(limited(1), { url: sink.url, timeout: 'PT0.06S' }));
  expect(failure).toMatchObject({ code: 'http_timeout', message: 'The server gave no whole answer within 60 ms.' });
});

test('a redirect takes its turn at the host it leads to, and holds no place at the one it comes from', async () => {
  const { sink: full, holds, release, paths } = await holdingSink();
  const sink = await things.sink(({ url }, response) => {
    if (url === '/away') response.writeHead(307, { location: `${full.url}/redirected` });
    response.end('here');
  });
  const handler = limited(1);
  const first = run(handler, { url: `${full.url}/first` });
  await holds(1);
  const context = runContext();
  const redirected = run(handler, { url: `${sink.url}/away` }, context);
  await eventually(() => expect(context.lines.map(({ level }) => level)).toEqual(['debug']));
  expect(await run(handler, { url: `${sink.url}/` })).toMatchObject({ body: 'here' });
  expect(paths()).toEqual(['/first']);

  release();
  await first;
  await holds(1);
  release();
  expect(await redirected).toMatchObject({ body: 'ok' });
  expect(paths()).toEqual(['/first', '/redirected']);
});

test('limits that are no limits are refused when the handler is made', () => {
  expect(() => limited(0)).toThrow('The limit concurrency must be a whole number from 1.');
});
