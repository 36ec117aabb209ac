import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { builtinDefinitions } from '../../src/handlers/definitions.js';
import { httpDefinition } from '../../src/handlers/http/definition.js';

const url = 'https://example.com/hook';
const accepts = (payload: unknown) => httpDefinition.payloadSchema.parse(payload);
const problems = (payload: unknown) =>
  httpDefinition.payloadSchema.safeParse(payload).error?.issues.map((issue) => [issue.path.join('/'), issue.message]);

test('the built-in job types are log, the default, and http, each with a JSON Schema', () => {
  expect(builtinDefinitions.map((definition) => definition.name)).toEqual([
    ...['log', 'http', 'email', 'command', 'container', 'sql'],
  ]);
  for (const definition of builtinDefinitions) expect(z.toJSONSchema(definition.payloadSchema)).toBeInstanceOf(Object);
});

test.each([
  [{ url }],
  [
    {
      url,
      method: 'PUT',
      headers: { Authorization: 'Bearer x', 'X-Api-Key': 'é' },
      body: { a: 1 },
      timeout: 'PT1M30S',
    },
  ],
  [{ url, body: 'text' }],
  [{ url, body: null }],
  [{ url, method: 'DELETE', body: [1] }],
  [{ url: 'http://xn--bcher-kva.example:8080/?q=1#top', timeout: 'PT1H' }],
  [{ url, timeout: 'PT0.5S' }],
  [{ url, expectStatus: [200, 404, 599] }],
  [{ url, expectStatus: Array.from({ length: 20 }, () => 302) }],
  [{ url, headers: { Webhook: 'x' } }],
])('the payload %j is accepted and kept as it is', (payload) => {
  expect(accepts(payload)).toEqual(payload);
});

describe('a URL is refused', () => {
  test.each([
    ['ftp://example.com/', 'The URL must start with http:// or https://.'],
    ['file:///etc/passwd', 'The URL must start with http:// or https://.'],
    ['/relative', 'The URL must be absolute, such as https://example.com/path.'],
    ['https://', 'The URL must be absolute, such as https://example.com/path.'],
    ['http://1.2.3.4.5/', 'The URL must be absolute, such as https://example.com/path.'],
    ['', 'The URL must be absolute, such as https://example.com/path.'],
    ['https://u:p@example.com/', 'The URL must hold no user name or password; use the Authorization header.'],
    ['https://u@example.com/', 'The URL must hold no user name or password; use the Authorization header.'],
    ['https://example.com/a\r\nb', 'The URL must hold no spaces or control characters.'],
    ['https://example.com/\u0000', 'The URL must hold no spaces or control characters.'],
    [' https://example.com/', 'The URL must hold no spaces or control characters.'],
    [`https://example.com/${'a'.repeat(2_029)}`, 'The URL must be at most 2,048 characters long.'],
  ])('%j', (bad, message) => {
    expect(problems({ url: bad })).toEqual([['url', message]]);
  });
});

describe('headers are refused', () => {
  const connectionHeaders = [
    'Host',
    'content-length',
    'Transfer-Encoding',
    'CONNECTION',
    'Keep-Alive',
    'Upgrade',
    'TE',
  ];
  test.each([...connectionHeaders, 'Trailer', 'Expect', 'Accept-Encoding'])('%s', (name) => {
    expect(problems({ url, headers: { [name]: 'x' } })).toEqual([
      [`headers/${name}`, `The header ${name} is set by Carillon and cannot be given.`],
    ]);
  });

  test.each([
    [{ 'X-Carillon-Run-Id': 'x' }, 'Headers that start with X-Carillon- are set by Carillon and cannot be given.'],
    [{ 'Webhook-Signature': 'x' }, 'Headers that start with Webhook- are set by Carillon and cannot be given.'],
    [{ 'webhook-anything': 'x' }, 'Headers that start with Webhook- are set by Carillon and cannot be given.'],
    [{ 'bad name': 'x' }, 'A header name may hold only letters'],
    [{ '': 'x' }, 'A header name may hold only letters'],
    [{ 'X-A\r\nX-B': 'x' }, 'A header name may hold only letters'],
    [{ 'X-A': 'a\r\nX-B: b' }, 'The value of the header X-A may hold no line break'],
    [{ 'X-A': 'a\u0000' }, 'The value of the header X-A may hold no line break'],
    [{ 'X-A': '日' }, 'nothing beyond Latin-1'],
    [{ 'X-A': 'a'.repeat(8_190) }, 'The header X-A is longer than 8 KiB.'],
    [{ 'X-A': 'a', 'x-a': 'b' }, 'A header is given twice, in different letter case.'],
    [{ 'X-A': 1 }, 'A header value in headers must be a string.'],
    [Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`X-${i}`, 'x'])), 'At most 64 headers can be given.'],
    ['X-A: 1', 'The field headers must be an object of strings.'],
  ])('%j', (headers, message) => {
    expect(problems({ url, headers })).toEqual([[expect.any(String), expect.stringContaining(message)]]);
  });

  test('a __proto__ header, which JSON can hold, never reaches a request', () => {
    const parsed = httpDefinition.payloadSchema.safeParse(JSON.parse(`{"url":"${url}","headers":{"__proto__":"x"}}`));
    expect(Object.keys(parsed.data?.headers ?? {})).toEqual([]);
  });

  test('64 headers of 8 KiB are the most', () => {
    const names = Array.from({ length: 64 }, (_, i) => `X-${String(i).padStart(2, '0')}`);
    const headers = Object.fromEntries(names.map((name) => [name, 'a'.repeat(8_188)]));
    expect(accepts({ url, headers })).toEqual({ url, headers });
  });

  test('a message never repeats the value, which may be a secret', () => {
    expect(JSON.stringify(problems({ url, headers: { 'X-A': 'canary\n' } }))).not.toContain('canary');
  });
});

describe('a timeout is refused', () => {
  test.each(['30s', 'PT', 'P1D', '-PT1S', 'PT1H1', 'pt1s', 'PT1.5H30S', '', 'PT1S\n'])(
    '%j, which is no duration',
    (timeout) => {
      expect(problems({ url, timeout })).toEqual([
        ['timeout', 'The timeout must be an ISO 8601 duration, such as PT30S.'],
      ]);
    },
  );
  test.each(['PT0S', 'PT1H0.001S', 'PT61M', 'PT999999H'])('%j, which is out of bounds', (timeout) => {
    expect(problems({ url, timeout })).toEqual([['timeout', 'The timeout must be more than zero and at most PT1H.']]);
  });
});

describe('expectStatus is refused', () => {
  const list = 'expectStatus must be a list of 1 to 20 statuses, such as [200, 404].';
  test.each([
    [[], 'expectStatus', list],
    [Array.from({ length: 21 }, () => 200), 'expectStatus', list],
    [404, 'expectStatus', list],
    [null, 'expectStatus', list],
    [[199], 'expectStatus/0', 'Each status of expectStatus must be from 200 to 599.'],
    [[200, 600], 'expectStatus/1', 'Each status of expectStatus must be from 200 to 599.'],
    [[200.5], 'expectStatus/0', 'Each status of expectStatus must be a whole number.'],
    [['2xx'], 'expectStatus/0', 'Each status of expectStatus must be a whole number.'],
  ])('%j', (expectStatus, field, message) => {
    expect(problems({ url, expectStatus })).toEqual([[field, message]]);
  });
});

test.each([
  [{}, [['url', 'The URL must be given, as a string.']]],
  [undefined, [['', 'The payload of an http job must be an object with a url.']]],
  ['https://example.com', [['', 'The payload of an http job must be an object with a url.']]],
  [{ url, verb: 'GET', data: 1 }, [['', 'An http job has no field verb, data.']]],
  [{ url, method: 'TRACE' }, [['method', 'The method must be one of GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS.']]],
  [{ url, method: 'GET', body: 'x' }, [['body', 'A GET request takes no body.']]],
  [{ url, method: 'HEAD', body: null }, [['body', 'A HEAD request takes no body.']]],
])('the payload %j is refused with a sentence', (payload, expected) => {
  expect(problems(payload)).toEqual(expected);
});
