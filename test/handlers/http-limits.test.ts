import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { failureOf, openThings, run, runContext } from './support.js';

const things = openThings();
afterEach(() => things.closeAll());

const KIB = 1_024;
const jsonBytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

const sinkOf = (bytes: string | Buffer) => things.sink((_request, response) => response.end(bytes));

describe('a body', () => {
  test('that fits is whole', async () => {
    const body = 'a'.repeat(60 * KIB);
    const sink = await sinkOf(body);
    expect(await run(things.handler(), { url: sink.url })).toMatchObject({ body, truncated: false });
  });

  test.each([
    ['of ASCII', 'a'.repeat(80 * KIB)],
    ['of exactly 64 KiB, which leaves no room for the rest of the result', 'a'.repeat(64 * KIB)],
    ['of four-byte characters', `a${'😀'.repeat(20 * KIB)}`],
    ['of three-byte characters', '日'.repeat(30 * KIB)],
    ['of characters that JSON writes with six', '\u0001'.repeat(64 * KIB)],
    ['of quotes', '"'.repeat(64 * KIB)],
  ])('%s is cut between characters, so that the result is at most 64 KiB of JSON', async (_case, body) => {
    const sink = await sinkOf(body);
    const result = await run(things.handler(), { url: sink.url });
    expect(result.truncated).toBe(true);
    expect(result.encoding).toBeUndefined();
    expect(body.startsWith(result.body)).toBe(true);
    expect(jsonBytes(result)).toBeLessThanOrEqual(64 * KIB);
    expect(jsonBytes(result)).toBeGreaterThan(64 * KIB - 16);
  });

  test('of bytes that are no text comes as base64', async () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x00, 0x01]);
    const sink = await sinkOf(bytes);
    expect(await run(things.handler(), { url: sink.url })).toMatchObject({
      body: bytes.toString('base64'),
      encoding: 'base64',
      truncated: false,
    });
  });

  test('that ends in half a character is no text; one with a NUL neither', async () => {
    const handler = things.handler();
    const half = await sinkOf(Buffer.from('é').subarray(0, 1));
    expect(await run(handler, { url: half.url })).toMatchObject({ encoding: 'base64' });
    const nul = await sinkOf('a\u0000b');
    expect(await run(handler, { url: nul.url })).toMatchObject({ encoding: 'base64' });
  });

  test('of many bytes is cut to fit as base64', async () => {
    const bytes = Buffer.alloc(80 * KIB, 0xff);
    const sink = await sinkOf(bytes);
    const result = await run(things.handler(), { url: sink.url });
    expect(result).toMatchObject({ encoding: 'base64', truncated: true });
    expect(jsonBytes(result)).toBeLessThanOrEqual(64 * KIB);
    expect(bytes.subarray(0, 48_000).equals(Buffer.from(result.body, 'base64').subarray(0, 48_000))).toBe(true);
  });

  test('that never ends is read to the cap, and its connection destroyed', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    const sink = await things.sink((_request, response) => {
      closed = once(response, 'close');
      const flood = () => {
        while (!response.destroyed && response.write('x'.repeat(16 * KIB)));
      };
      response.on('drain', flood);
      flood();
    });
    expect(await run(things.handler(), { url: sink.url })).toMatchObject({ status: 200, truncated: true });
    await closed;
  });

  test('of a failure is not read, and its connection destroyed', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    const sink = await things.sink((_request, response) => {
      closed = once(response, 'close');
      response.writeHead(500).write('never ends');
    });
    expect(await failureOf(run(things.handler(), { url: sink.url }))).toMatchObject({ code: 'http_status' });
    await closed;
  });

  test('that is a gzip bomb, sent unasked, is never unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * KIB * KIB));
    const sink = await things.sink((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    );
    const result = await run(things.handler(), { url: sink.url });
    expect(result).toMatchObject({ encoding: 'base64', truncated: true, headers: { 'content-encoding': 'gzip' } });
    expect(jsonBytes(result)).toBeLessThanOrEqual(64 * KIB);
  });
});

describe("the payload's timeout ends an attempt", () => {
  const timedOut = { code: 'http_timeout', retryable: true, message: 'The server gave no whole answer within 60 ms.' };

  test('whose answer does not begin', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    const sink = await things.sink((_request, response) => {
      closed = once(response, 'close');
    });
    expect(await failureOf(run(things.handler(), { url: sink.url, timeout: 'PT0.06S' }))).toMatchObject(timedOut);
    await closed;
  });

  test('whose body drips', async () => {
    const sink = await things.sink((_request, response) => {
      const drip = setInterval(() => response.write('x'), 5);
      response.on('close', () => clearInterval(drip));
    });
    const context = runContext();
    // Long enough for the head of the answer to come on a busy machine.
    expect(await failureOf(run(things.handler(), { url: sink.url, timeout: 'PT1S' }, context))).toMatchObject({
      ...timedOut,
      message: 'The server gave no whole answer within 1000 ms.',
    });
    expect(context.lines.map((line) => line.fields)).toMatchObject([{ status: 200, error: 'http_timeout' }]);
  });

  test('that goes round in redirects', async () => {
    const sink = await things.sink((_request, response) => {
      setTimeout(() => response.writeHead(302, { location: '/' }).end(), 25); // a slow server is the subject
    });
    expect(await failureOf(run(things.handler(), { url: sink.url, timeout: 'PT0.06S' }))).toMatchObject(timedOut);
  });

  test('whose name does not resolve', async () => {
    const handler = things.handler('', () => new Promise(() => undefined));
    expect(await failureOf(run(handler, { url: 'http://slow.example/', timeout: 'PT0.06S' }))).toMatchObject(timedOut);
  });

  test('whose TLS handshake hangs', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    things.keep({
      close: async () => {
        for (const socket of sockets) socket.destroy();
        server.close();
      },
    });
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    expect(await failureOf(run(things.handler(), { url, timeout: 'PT0.06S' }))).toMatchObject(timedOut);
  });
});

describe("the run's signal", () => {
  test('ends an attempt in flight with its own reason, and the connection with it', async () => {
    const cancel = new AbortController();
    const reason = new Error('cancelled by a user');
    let closed: Promise<unknown> = Promise.resolve();
    const sink = await things.sink((_request, response) => {
      closed = once(response, 'close');
      response.write('begun');
      cancel.abort(reason);
    });
    const context = runContext(cancel.signal);
    expect(await failureOf(run(things.handler(), { url: sink.url }, context))).toBe(reason);
    await closed;
    expect(context.lines.map((line) => line.fields?.['error'])).toEqual(['aborted']);
  });

  test('that has aborted already keeps the request from being sent', async () => {
    const sink = await things.sink();
    const reason = new Error('cancelled by a user');
    expect(await failureOf(run(things.handler(), { url: sink.url }, runContext(AbortSignal.abort(reason))))).toBe(
      reason,
    );
    expect(sink.connections).toBe(0);
  });
});

test('a request that was aborted while its name was resolved is never sent', async () => {
  const cancel = new AbortController();
  const sink = await things.sink();
  const handler = things.handler('127.0.0.1', async () => {
    cancel.abort(new Error('cancelled'));
    return [{ address: '127.0.0.1', family: 4 }];
  });
  await failureOf(run(handler, { url: `http://slow.example:${sink.port}/` }, runContext(cancel.signal)));
  // A later request on a later connection comes through, and the first has not by then.
  await run(things.handler(), { url: sink.url });
  expect(sink.received.map(({ headers }) => headers.host)).toEqual([`127.0.0.1:${sink.port}`]);
});
