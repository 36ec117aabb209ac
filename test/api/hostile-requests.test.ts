import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rawHttp } from '../support/raw-http.js';
import { contentsOf, startTestApi, type TestApi } from './support.js';

let api: TestApi;
let key: string;
beforeAll(async () => {
  api = await startTestApi();
  key = await api.makeKey('admin');
});
afterAll(() => api.close());

const job = '{"jobName":"Report","jobType":"recurring","frequency":"daily"}';

/** What the API says to a request, head and body as they are written. */
function raw(head: string[], body: string | Buffer = ''): Promise<string> {
  const lines = [...head, 'Connection: close', '', ''].join('\r\n');
  return rawHttp(api.url, Buffer.concat([Buffer.from(lines, 'latin1'), Buffer.from(body)]));
}
const authorized = () => `Authorization: Bearer ${key}`;
const get = (...headers: string[]) => raw(['GET /api/jobs HTTP/1.1', 'Host: x', authorized(), ...headers]);
const post = (body: string | Buffer, ...headers: string[]) =>
  raw(['POST /api/jobs HTTP/1.1', 'Host: x', authorized(), 'Content-Type: application/json', ...headers], body);
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);

describe('a request that can be read in two ways is refused:', () => {
  test.each<[string, string[]]>([
    ['Authorization', ['Authorization: Bearer x']],
    ['Host', ['Host: y']],
    ['Idempotency-Key', ['Idempotency-Key: a', 'idempotency-key: a']],
    ['Content-Type', ['Content-Type: text/plain', 'content-type: application/json']],
    ['Origin', ['Origin: https://a', 'Origin: https://b']],
  ])('two %s', async (_, headers) => {
    const answer = await get(...headers);
    expect(statusOf(answer)).toBe(400);
    expect(answer).toContain('more than once');
  });

  test.each<[string, string, string[]]>([
    ['two Content-Length', job, [`Content-Length: ${job.length}`, 'Content-Length: 5']],
    ['two Content-Length that are the same', job, [`Content-Length: ${job.length}`, `Content-Length: ${job.length}`]],
    ['a list of Content-Length', job, [`Content-Length: ${job.length}, ${job.length}`]],
    ['Content-Length beside Transfer-Encoding', '0\r\n\r\n', ['Content-Length: 5', 'Transfer-Encoding: chunked']],
    ['a Transfer-Encoding that ends otherwise', '0\r\n\r\n', ['Transfer-Encoding: chunked, identity']],
    ['a negative Content-Length', '', ['Content-Length: -1']],
    ['a header line that goes on', '', ['X-A: 1', ' 2']],
    ['a space before the colon', '', ['Content-Length : 0']],
    ['a NUL in a header', '', ['X-A: a\0b']],
  ])('%s', async (_, body, headers) => {
    const before = await contentsOf(api.db);
    expect(statusOf(await post(body, ...headers))).toBe(400);
    expect(await contentsOf(api.db)).toEqual(before);
  });

  test('none of it, while the plain one is taken', async () => {
    expect(statusOf(await post(job, `Content-Length: ${job.length}`))).toBe(201);
  });

  test('no Host', async () => {
    expect(statusOf(await raw(['GET /api/jobs HTTP/1.1', authorized()]))).toBe(400);
  });
});

test('a second id or trace, as proxies may add, is no refusal: both are made anew', async () => {
  const answer = await get('X-Request-Id: a', 'X-Request-Id: b', ...traces(), ...traces());
  expect(statusOf(answer)).toBe(200);
  expect(answer).toMatch(/\r\nX-Request-Id: [0-9a-f-]{36}\r\n/);
  expect(answer).not.toContain('4bf92f3577b34da6a3ce929d0e0e4736');
});
const traces = () => ['traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'];

describe('a request out of all proportion is refused:', () => {
  test('101 headers, while 100 are taken', async () => {
    const more = (count: number) => Array.from({ length: count }, (_, at) => `X-H${at}: 1`);
    // Host, Authorization and Connection are headers, too.
    expect(statusOf(await get(...more(97)))).toBe(200);
    const answer = await get(...more(98));
    expect(statusOf(answer)).toBe(431);
    expect(answer).toContain('headers_too_large');
    // Far more, of which Node itself drops most.
    expect(statusOf(await get(...more(400)))).toBe(431);
  });

  test('headers of more than 16 KiB', async () => {
    expect(statusOf(await get(`X-Long: ${'x'.repeat(17 * 1024)}`))).toBe(431);
  });

  test('a path of more than 16 KiB', async () => {
    expect(statusOf(await raw([`GET /api/jobs/${'x'.repeat(17 * 1024)} HTTP/1.1`, 'Host: x', authorized()]))).toBe(431);
  });

  test('10 MB of a body, whoever sends them, to the batch, too', async () => {
    const body = Buffer.alloc(10_000_000, 'x');
    const wholeHead = /\r\n\r\n/;
    for (const path of ['/api/jobs', '/api/jobs/batch']) {
      for (const [framing, framed] of [
        [`Content-Length: ${body.length}`, body],
        ['Transfer-Encoding: chunked', chunked(body)],
      ] as const) {
        for (const [who, status] of [
          [authorized(), 413],
          ['X-No: key', 401],
        ] as const) {
          const head = [`POST ${path} HTTP/1.1`, 'Host: x', 'Content-Type: application/json', framing, who, '', ''];
          const request = Buffer.concat([Buffer.from(head.join('\r\n')), framed]);
          expect(statusOf(await rawHttp(api.url, request, wholeHead))).toBe(status);
        }
      }
    }
  });

  test.each(['gzip', 'deflate', 'br', 'gzip, gzip', 'x-unknown'])(
    'a body in %s: what it unfolds to is not known before',
    async (encoding) => {
      const bomb = gzipSync(Buffer.alloc(10_000_000));
      const answer = await post(bomb, `Content-Length: ${bomb.length}`, `Content-Encoding: ${encoding}`);
      expect(statusOf(answer)).toBe(415);
    },
  );
});

function chunked(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]);
}

describe('Expect', () => {
  /** What is said to a head that announces a body. */
  const announce = (...headers: string[]) =>
    rawHttp(
      api.url,
      ['POST /api/jobs HTTP/1.1', 'Host: x', 'Content-Type: application/json', ...headers, '', ''].join('\r\n'),
      /\r\n\r\n/,
    );

  test('100-continue is told to go on, and then answered', async () => {
    const answer = await post(job, `Content-Length: ${job.length}`, 'Expect: 100-continue');
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 /);
  });

  test('100-continue of one without a key, or with too much, is refused before anything is sent', async () => {
    const expecting = 'Expect: 100-continue';
    expect(await announce('Content-Length: 60', expecting)).toMatch(/^HTTP\/1\.1 401/);
    expect(await announce('Content-Length: 10000000', expecting, authorized())).toMatch(/^HTTP\/1\.1 413/);
  });

  test('anything else is 417', async () => {
    expect(await announce('Content-Length: 60', 'Expect: a-miracle', authorized())).toMatch(/^HTTP\/1\.1 417/);
  });
});

describe('a target in absolute form', () => {
  const ask = (target: string, ...headers: string[]) => raw([`GET ${target} HTTP/1.1`, 'Host: x', ...headers]);

  test('is the path in it, whatever host it names', async () => {
    await api.submit();
    await api.submit();
    const answer = await ask('http://elsewhere.example/api/jobs?limit=1', authorized());
    expect(statusOf(answer)).toBe(200);
    expect(answer).toMatch(/\r\nLink: <\/api\/jobs\?/);
    expect(answer).not.toContain('elsewhere');
  });

  test('gets around no authentication', async () => {
    for (const target of [
      'http://x/api/jobs',
      'HTTP://x/api/jobs',
      'https://x/healthz/../api/jobs',
      'http:///api/jobs',
      'http://x',
      'http://x?/healthz',
      'http://healthz/api/jobs',
      'ftp://x/healthz',
      '*',
    ]) {
      expect([target, [400, 401]]).toEqual([target, expect.arrayContaining([statusOf(await ask(target))])]);
    }
    expect(statusOf(await ask('http://x/healthz'))).toBe(200);
  });
});

describe('no way of writing a path gets past the key', () => {
  test.each([
    '//api/jobs/batch',
    '/healthz/../api/jobs/batch',
    '/healthz%2f..%2fapi/jobs/batch',
    '/%2e%2e/api/jobs/batch',
    '/healthz;/api/jobs/batch',
    '/api/jobs/batch;/healthz',
    '/api/jobs/batch/',
    '/API/jobs/batch',
    '/api/jobs/batch?/healthz',
    '/api/jobs/batch%00',
    '/api/jobs/batch#/healthz',
    '/api/jobs/batch/healthz',
    '/api\\jobs\\batch',
  ])('%s', async (path) => {
    for (const method of ['POST', 'OPTIONS', 'GET']) {
      const head = [`${method} ${path} HTTP/1.1`, 'Host: x', 'Content-Length: 0', 'X-HTTP-Method-Override: GET'];
      expect([400, 401]).toContain(statusOf(await raw([...head, 'X-Original-URL: /healthz'])));
    }
  });
});

test.each(['TRACE', 'CONNECT', 'PROPFIND', 'BREW'])('the method %s leads to nothing', async (method) => {
  const answer = await raw([`${method} /api/jobs HTTP/1.1`, 'Host: x', authorized()]);
  // To CONNECT nothing is said at all.
  expect(['', '400', '405']).toContain(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? answer);
  expect(answer).not.toContain(key);
});

test.each([
  'status[$ne]=x',
  'status[]=pending',
  'q[$regex]=.*',
  '__proto__[a]=1',
  'constructor=1',
  'limit[$gt]=0',
  'toString',
  'tag=%00',
])('an operator in a query is no more than the name of an unknown parameter: ?%s', async (query) => {
  expect(statusOf(await raw([`GET /api/jobs?${query} HTTP/1.1`, 'Host: x', authorized()]))).toBe(422);
});

test('only over HTTPS of its own does the API tell browsers to stay there', async () => {
  expect((await get()).toLowerCase()).not.toContain('strict-transport-security');
  const secure = await startTestApi({ isHttps: true });
  const { headers } = await secure.call('GET', '/healthz', { key: null });
  expect(headers['strict-transport-security']).toBe('max-age=31536000');
  await secure.close();
});
