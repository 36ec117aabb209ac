import { afterEach, describe, expect, test } from '@jest/globals';
import { failureOf, openThings, run } from './support.js';

const things = openThings();
afterEach(() => things.closeAll());

/** A sink that redirects everything but /end. */
const redirecting = (status: number, location: string) =>
  things.sink(({ url }, response) => {
    response.writeHead(url === '/end' ? 200 : status, url === '/end' ? {} : { location }).end('done');
  });

describe('the method after a redirect is as in browsers', () => {
  test.each([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [303, 'HEAD', 'HEAD'],
    [301, 'PUT', 'PUT'],
    [302, 'DELETE', 'DELETE'],
    [307, 'POST', 'POST'],
    [308, 'PUT', 'PUT'],
  ] as const)('%i turns %s into %s', async (status, method, then) => {
    const sink = await redirecting(status, '/end');
    const body = method === 'HEAD' ? {} : { body: { a: 1 } };
    expect(await run(things.handler(), { url: sink.url, method, ...body })).toMatchObject({ status: 200 });
    const [, second] = sink.received;
    expect(second).toMatchObject({
      method: then,
      url: '/end',
      body: then === method && method !== 'HEAD' ? '{"a":1}' : '',
    });
    expect(second?.headers['content-type']).toBe(then === method && method !== 'HEAD' ? 'application/json' : undefined);
    expect(second?.headers['x-carillon-run-id']).toBe('run-1');
  });
});

test('five redirects are followed and the sixth is a failure for good', async () => {
  const sink = await things.sink(({ url }, response) => {
    const left = Number(url.slice(1));
    response.writeHead(left === 0 ? 200 : 302, { location: `/${left - 1}` }).end();
  });
  const handler = things.handler();
  expect(await run(handler, { url: `${sink.url}/5` })).toMatchObject({ status: 200 });
  expect(sink.received).toHaveLength(6);
  const failure = await failureOf(run(handler, { url: `${sink.url}/6` }));
  expect(failure).toMatchObject({
    code: 'http_redirect',
    retryable: false,
    message: 'The server redirected more than 5 times.',
  });
});

test('what the payload gave for one origin stays within it; what every receiver may know goes on', async () => {
  const other = await redirecting(302, 'unused');
  const sink = await things.sink(({ url }, response) => {
    response.writeHead(302, { location: url === '/' ? '/same' : `${other.url}/end` }).end();
  });
  await run(things.handler(), {
    url: sink.url,
    headers: { Authorization: 'Bearer s', COOKIE: 'c=1', 'X-Api-Key': 'k', Accept: 'text/html' },
  });
  const given = { authorization: 'Bearer s', cookie: 'c=1', 'x-api-key': 'k', accept: 'text/html' };
  expect(sink.received.map(({ headers }) => headers)).toMatchObject([given, given]);
  expect(Object.keys(other.received[0]?.headers ?? {}).toSorted()).toEqual([
    'accept',
    'accept-encoding',
    'connection',
    'host',
    'idempotency-key',
    'user-agent',
    'x-carillon-attempt',
    'x-carillon-job-id',
    'x-carillon-run-id',
    'x-carillon-scheduled-for',
  ]);
});

test('a secret that was dropped stays dropped on the way back', async () => {
  const there: { url?: string } = {};
  const other = await things.sink((_request, response) =>
    response.writeHead(302, { location: `${there.url}/end` }).end(),
  );
  const sink = await redirecting(302, other.url);
  there.url = sink.url;
  await run(things.handler(), { url: sink.url, headers: { Authorization: 'Bearer s' } });
  expect(sink.received.map(({ headers }) => headers.authorization)).toEqual(['Bearer s', undefined]);
});

describe('a redirect is guarded like the first request', () => {
  test.each(['127.0.0.2', '2130706434', '[::1]', '[::ffff:127.0.0.2]', '169.254.169.254', '0.0.0.0', 'localhost'])(
    'to %s it is denied for good',
    async (host) => {
      const forbidden = await things.sink(undefined, '0.0.0.0');
      const sink = await redirecting(307, `http://${host}:${forbidden.port}/`);
      const failure = await failureOf(run(things.handler(`127.0.0.1:${sink.port}`), { url: sink.url, body: 'x' }));
      expect(failure).toMatchObject({ code: 'address_denied', retryable: false });
      expect(forbidden.connections).toBe(0);
    },
  );

  test.each(['file:///etc/passwd', 'ftp://example.com/', 'http://u:p@127.0.0.1/', 'http://', `/${'a'.repeat(2_048)}`])(
    'to %.40s it is not followed',
    async (location) => {
      const sink = await redirecting(302, location);
      const failure = await failureOf(run(things.handler(), { url: sink.url }));
      expect(failure).toMatchObject({ code: 'http_redirect', retryable: false });
      expect(sink.received).toHaveLength(1);
    },
  );
});

test('a redirect that the payload expects is the answer, and is not followed', async () => {
  const sink = await redirecting(302, '/end');
  const payload = { url: sink.url, expectStatus: [302] };
  expect(await run(things.handler(), payload)).toMatchObject({ status: 302, headers: { location: '/end' } });
  expect(sink.received).toHaveLength(1);
});

test('the body of a redirect is not waited for', async () => {
  const sink = await things.sink(({ url }, response) => {
    if (url === '/end') response.end('done');
    else response.writeHead(302, { location: '/end' }).write('never ends');
  });
  expect(await run(things.handler(), { url: sink.url, timeout: 'PT20S' })).toMatchObject({ body: 'done' });
});
