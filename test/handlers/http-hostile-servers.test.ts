import type { Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { failureOf, openThings, run } from './support.js';

const things = openThings();
afterEach(() => things.closeAll());

const KIB = 1_024;
const MIB = KIB * KIB;

/** A server that answers the first bytes of each connection with what a test writes. */
const answering = (write: (socket: Socket) => void) =>
  things.rawServer((socket) => socket.once('data', () => write(socket)));

/** All are closed: undici may open one more after an abort, sends nothing on it and closes it (nodejs/undici#5845). */
const isGone = (sockets: readonly Socket[]) =>
  eventually(() => expect(sockets.map(({ destroyed }) => destroyed)).not.toContain(false));

describe('a body that is packed, though nobody asked for it, is kept as it came', () => {
  const zeros = Buffer.alloc(8 * MIB);
  test.each([
    ['gzip', gzipSync(zeros)],
    ['br', brotliCompressSync(zeros)],
    ['deflate', deflateSync(zeros)],
    ['gzip, gzip', gzipSync(gzipSync(zeros))],
  ])('%s, of 8 MiB', async (encoding, bomb) => {
    const sink = await things.sink((_request, response) =>
      response.writeHead(200, { 'content-encoding': encoding }).end(bomb),
    );
    const result = await run(things.handler(), { url: sink.url });
    expect(result).toMatchObject({ encoding: 'base64', headers: { 'content-encoding': encoding } });
    const kept = Buffer.from(result.body, 'base64');
    expect(bomb.subarray(0, kept.length).equals(kept)).toBe(true);
    expect(result.truncated).toBe(kept.length < bomb.length);
    expect(sink.received[0]?.headers['accept-encoding']).toBe('identity');
  });
});

describe('interim answers', () => {
  const early = 'HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n';

  test('are passed over, up to 20 of them', async () => {
    const { url } = await answering((socket) =>
      socket.write(`${early.repeat(20)}HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok`),
    );
    expect(await run(things.handler(), { url })).toMatchObject({ status: 200, body: 'ok' });
  });

  test('without end are a failure to try again, and the connection is destroyed', async () => {
    const { url, sockets } = await answering((socket) => {
      const flood = () => {
        while (!socket.destroyed && socket.write(early));
      };
      socket.on('drain', flood);
      flood();
    });
    expect(await failureOf(run(things.handler(), { url }))).toMatchObject({
      code: 'http_network',
      retryable: true,
      message: 'The server sent more than 20 interim answers (1xx).',
    });
    await isGone(sockets);
  });

  test.each([
    ['100 Continue', 'The exchange with the server failed (UND_ERR_SOCKET).'],
    [
      '101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x',
      'The exchange with the server failed (UND_ERR_SOCKET).',
    ],
    ['101 Switching Protocols', 'The server answered 101 Switching Protocols, which the request did not ask for.'],
  ])('that nobody asked for (%j) are a failure to try again', async (status, message) => {
    const { url, sockets } = await answering((socket) => socket.write(`HTTP/1.1 ${status}\r\n\r\n`));
    const failure = await failureOf(run(things.handler(), { url }));
    expect(failure).toMatchObject({ code: 'http_network', retryable: true, message });
    await isGone(sockets);
  });
});

describe('the head of an answer', () => {
  const withHeaders = (bytes: number) =>
    answering((socket) => socket.write(`HTTP/1.1 204 No Content\r\nx-a: ${'a'.repeat(bytes)}\r\n\r\n`));

  test('may have 15 KiB', async () => {
    const { url } = await withHeaders(15 * KIB);
    expect(await run(things.handler(), { url })).toMatchObject({ status: 204, headers: {} });
  });

  test('of more than 16 KiB is a failure to try again, and the connection is destroyed', async () => {
    const { url, sockets } = await withHeaders(17 * KIB);
    expect(await failureOf(run(things.handler(), { url }))).toMatchObject({
      code: 'http_network',
      retryable: true,
      message: 'The exchange with the server failed (UND_ERR_HEADERS_OVERFLOW).',
    });
    await isGone(sockets);
  });

  test('that never ends, in many small fields, is cut off the same way', async () => {
    const { url, sockets } = await answering((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const flood = () => {
        while (!socket.destroyed && socket.write('x-a: a\r\n'));
      };
      socket.on('drain', flood);
      flood();
    });
    expect(await failureOf(run(things.handler(), { url }))).toMatchObject({
      code: 'http_network',
      message: 'The exchange with the server failed (UND_ERR_HEADERS_OVERFLOW).',
    });
    await isGone(sockets);
  });

  test.each([
    ['the status line', 'HTTP/1.1 200 OK'],
    ['a header', `HTTP/1.1 200 OK\r\nx-a: ${'a'.repeat(8 * KIB)}`],
  ])('that drips in %s ends at the timeout', async (_case, head) => {
    const { url, sockets } = await answering((socket) => {
      let sent = 0;
      const drip = setInterval(() => socket.write(head.charAt(sent++ % head.length)), 5);
      socket.on('close', () => clearInterval(drip));
    });
    expect(await failureOf(run(things.handler(), { url, timeout: 'PT0.1S' }))).toMatchObject({
      code: 'http_timeout',
      retryable: true,
    });
    await isGone(sockets);
  });
});

describe('a body', () => {
  test('in whose middle the connection is reset is a failure to try again', async () => {
    const { url } = await answering((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf', () => socket.resetAndDestroy());
    });
    expect(await failureOf(run(things.handler(), { url }))).toMatchObject({ code: 'http_network', retryable: true });
  });

  test('in chunks of one byte, without end, is cut at the cap', async () => {
    const { url, sockets } = await answering((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      const flood = () => {
        while (!socket.destroyed && socket.write('1\r\nx\r\n'.repeat(KIB)));
      };
      socket.on('drain', flood);
      flood();
    });
    const result = await run(things.handler(), { url });
    expect(result).toMatchObject({ status: 200, truncated: true });
    expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThanOrEqual(64 * KIB);
    await isGone(sockets);
  });

  test.each([
    ['of two lengths', 'content-length: 2\r\ncontent-length: 3\r\n\r\nokk'],
    ['of a length and chunks', 'content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
    ['of a length that is no number', 'content-length: -1\r\n\r\nok'],
    ['of a chunk that is no number', 'transfer-encoding: chunked\r\n\r\nzz\r\nok\r\n'],
  ])('%s is a failure to try again, not a guess', async (_case, rest) => {
    const { url, sockets } = await answering((socket) => socket.write(`HTTP/1.1 200 OK\r\n${rest}`));
    expect(await failureOf(run(things.handler(), { url }))).toMatchObject({ code: 'http_network', retryable: true });
    await isGone(sockets);
  });
});

test('an answer that comes before it is asked for is given to no later run', async () => {
  let answers = 0;
  const { url } = await things.rawServer((socket) =>
    socket.on('data', () => {
      answers += 1;
      const forged = 'HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged';
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n${answers}${answers === 1 ? forged : ''}`);
    }),
  );
  const handler = things.handler();
  expect(await run(handler, { url })).toMatchObject({ body: '1' });
  expect(await run(handler, { url })).toMatchObject({ body: '2' });
});

test('a server that closes a kept connection without a word costs the next run nothing', async () => {
  const { url, sockets } = await answering((socket) =>
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok', () => socket.end()),
  );
  const handler = things.handler();
  expect(await run(handler, { url })).toMatchObject({ body: 'ok' });
  await isGone(sockets);
  expect(await run(handler, { url })).toMatchObject({ body: 'ok' });
});
