import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { NonRetryableError } from '../../src/handlers/handler.js';
import { failureOf, openThings, run, runContext } from './support.js';

const things = openThings();
afterEach(() => things.closeAll());

describe('the request', () => {
  test('says which run is calling', async () => {
    const sink = await things.sink();
    await run(things.handler(), { url: `${sink.url}/hook?q=1#top` });
    expect(sink.received).toEqual([
      {
        method: 'GET',
        url: '/hook?q=1',
        body: '',
        headers: {
          host: `127.0.0.1:${sink.port}`,
          connection: 'keep-alive',
          'accept-encoding': 'identity',
          'user-agent': 'Carillon/0.1.0',
          'idempotency-key': 'run-1',
          'x-carillon-job-id': 'job-1',
          'x-carillon-run-id': 'run-1',
          'x-carillon-attempt': '2',
          'x-carillon-scheduled-for': '2026-03-03T06:00:00.000Z',
        },
      },
    ]);
  });

  test.each([
    ['an object as JSON', { a: 'é' }, '{"a":"é"}', 'application/json'],
    ['null as JSON', null, 'null', 'application/json'],
    ['a string as it is', 'plain é', 'plain é', 'text/plain; charset=utf-8'],
  ])('is a POST with %s where a body is given', async (_case, body, sent, type) => {
    const sink = await things.sink();
    await run(things.handler(), { url: sink.url, body });
    expect(sink.received).toMatchObject([{ method: 'POST', body: sent, headers: { 'content-type': type } }]);
  });

  test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const)('can be a %s', async (method) => {
    const sink = await things.sink();
    expect(await run(things.handler(), { url: sink.url, method })).toMatchObject({ status: 200 });
    expect(sink.received).toMatchObject([{ method }]);
  });

  test('carries the given headers, which may replace the content type, the key and the agent', async () => {
    const sink = await things.sink();
    const given = {
      'Content-Type': 'application/vnd.x+json',
      'IDEMPOTENCY-KEY': 'mine',
      'User-Agent': 'me',
      Authorization: 'Bearer s',
    };
    await run(things.handler(), { url: sink.url, headers: given, body: [] });
    const headers = {
      'content-type': 'application/vnd.x+json',
      'idempotency-key': 'mine',
      'user-agent': 'me',
      authorization: 'Bearer s',
    };
    expect(sink.received).toMatchObject([{ body: '[]', headers }]);
  });
});

describe('the answer', () => {
  test.each([200, 201, 202, 204, 299])('%i is success', async (status) => {
    const sink = await things.sink((_request, response) => response.writeHead(status).end());
    expect(await run(things.handler(), { url: sink.url })).toEqual({
      status,
      headers: {},
      body: '',
      truncated: false,
      durationMs: expect.any(Number),
    });
  });

  test('is the result, with the headers that are safe to keep', async () => {
    const sink = await things.sink((_request, response) => {
      const kept = { 'content-type': 'application/json', etag: '"1"', 'x-request-id': 'r'.repeat(2_000) };
      response.writeHead(200, { ...kept, 'set-cookie': 'canary', 'x-secret': 'canary' }).end('{"a":"é"}');
    });
    expect(await run(things.handler(), { url: sink.url })).toMatchObject({
      headers: { 'content-type': 'application/json', etag: '"1"', 'x-request-id': 'r'.repeat(1_024) },
      body: '{"a":"é"}',
    });
  });

  test.each([400, 401, 403, 404, 409, 410, 418, 422, 300, 304, 301])('%i fails for good', async (status) => {
    const sink = await things.sink((_request, response) =>
      response.writeHead(status, { 'retry-after': '5' }).end('canary'),
    );
    const failure = await failureOf(run(things.handler(), { url: sink.url }));
    expect(failure).toBeInstanceOf(NonRetryableError);
    expect(failure).toMatchObject({ code: 'http_status', retryable: false, retryAfterMs: undefined });
    expect((failure as Error).message).toMatch(new RegExp(`^The server answered ${status} [A-Z].*\\.$`));
  });

  test.each([408, 425, 429, 500, 502, 503, 504, 599])('%i may be tried again', async (status) => {
    const sink = await things.sink((_request, response) => response.writeHead(status).end());
    const failure = await failureOf(run(things.handler(), { url: sink.url }));
    expect(failure).toMatchObject({ code: 'http_status', retryable: true, retryAfterMs: undefined });
  });

  test('with a status that the payload expects is success, and a 2xx that it does not expect fails for good', async () => {
    let status = 404;
    const sink = await things.sink((_request, response) => response.writeHead(status).end('gone'));
    const payload = { url: sink.url, method: 'DELETE' as const, expectStatus: [204, 404] };
    expect(await run(things.handler(), payload)).toMatchObject({ status: 404, body: 'gone' });
    expect(await failureOf(run(things.handler(), { ...payload, expectStatus: [204] }))).toMatchObject({
      retryable: false,
    });

    status = 200;
    expect(await failureOf(run(things.handler(), payload))).toMatchObject({
      code: 'http_status',
      retryable: false,
      message: 'The server answered 200 OK, where 204 or 404 was expected.',
    });
    status = 503;
    expect(await failureOf(run(things.handler(), payload))).toMatchObject({ code: 'http_status', retryable: true });
  });

  test.each([429, 503])('%i names the shortest wait when it has Retry-After', async (status) => {
    const sink = await things.sink((_request, response) => response.writeHead(status, { 'retry-after': '120' }).end());
    const failure = await failureOf(run(things.handler(), { url: sink.url }));
    expect(failure).toMatchObject({ code: 'http_status', retryable: true, retryAfterMs: 120_000 });
  });
});

describe('the network', () => {
  test('refusing the connection is a failure to try again, and the message tells no address', async () => {
    const sink = await things.sink();
    await sink.close();
    const failure = await failureOf(run(things.handler(), { url: sink.url }));
    expect(failure).toMatchObject({
      code: 'http_network',
      retryable: true,
      message: 'The exchange with the server failed (ECONNREFUSED).',
    });
  });

  test.each(['ENOTFOUND', 'EAI_AGAIN'])('failing to resolve the name (%s) is a failure to try again', async (code) => {
    const handler = things.handler('', () => Promise.reject(Object.assign(new Error(), { code })));
    const failure = await failureOf(run(handler, { url: 'http://gone.example/' }));
    expect(failure).toMatchObject({
      code: 'http_network',
      retryable: true,
      message: `The exchange with the server failed (${code}).`,
    });
  });

  test.each([
    ['before the answer', ''],
    ['in the middle of the body', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'],
    ['after something that is no HTTP', 'SSH-2.0-x\r\n\r\n'],
  ])('closing %s is a failure to try again', async (_case, sent) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined).once('data', () => socket.end(sent));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    things.keep({ close: async () => void server.close() });
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const failure = await failureOf(run(things.handler(), { url: `http://127.0.0.1:${port}/` }));
    expect(failure).toMatchObject({ code: 'http_network', retryable: true });
  });
});

describe('one log line an attempt', () => {
  test('has the method, the URL without its query, the status and the time, and no value of a header or body', async () => {
    const sink = await things.sink((_request, response) => response.writeHead(200, { 'x-a': 'canary' }).end('canary'));
    const context = runContext();
    const payload = { url: `${sink.url}/a?key=canary#canary`, headers: { 'x-key': 'canary' }, body: 'canary' };
    await run(things.handler(), payload, context);
    expect(context.lines).toEqual([
      {
        level: 'info',
        message: expect.stringMatching(new RegExp(`^POST ${sink.url}/a answered 200 after \\d+ ms$`)),
        fields: { method: 'POST', url: `${sink.url}/a`, status: 200, durationMs: expect.any(Number) },
      },
    ]);
    expect(JSON.stringify(context.lines)).not.toContain('canary');
  });

  test('is written for a failure too', async () => {
    const sink = await things.sink((_request, response) => response.writeHead(503).end());
    const context = runContext();
    await failureOf(run(things.handler(), { url: sink.url }, context));
    await failureOf(run(things.handler('[::1]'), { url: sink.url }, context));
    expect(context.lines.map((line) => line.fields)).toMatchObject([
      { status: 503, error: 'http_status' },
      { error: 'address_denied' },
    ]);
    expect(context.lines[1]?.message).toBe(`GET ${sink.url}/ failed (address_denied)`);
  });
});

test('a handler keeps its connection for the next run to the same origin, and ends it when closed', async () => {
  const sink = await things.sink();
  const handler = things.handler();
  await run(handler, { url: sink.url });
  // undici takes a connection back on the turn after the answer's end.
  await new Promise(setImmediate);
  await run(handler, { url: sink.url });
  expect(sink.connections).toBe(1);
  await handler.close();
  expect(await failureOf(run(handler, { url: sink.url }))).toMatchObject({ code: 'http_network' });
});
