import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { connectionsOf, parseSqlConnections } from '../../src/handlers/sql/connections.js';
import { sqlDefinition } from '../../src/handlers/sql/definition.js';
import { withTls } from '../../src/handlers/sql/tls.js';

const query = { connection: 'reporting', statement: 'select 1' };
const problems = (payload: unknown) =>
  sqlDefinition.payloadSchema.safeParse(payload).error?.issues.map((issue) => [issue.path.join('/'), issue.message]);

test('the definition has a JSON Schema and is privileged', () => {
  expect(z.toJSONSchema(sqlDefinition.payloadSchema)).toBeInstanceOf(Object);
  expect(sqlDefinition.privileged).toBe(true);
});

test.each([
  [query],
  [{ ...query, parameters: [1, 'a', null, true, [1], { a: 1 }], maxRows: 1_000, readOnly: true, timeout: 'PT1H' }],
])('the payload %j is accepted and kept as it is', (payload) => {
  expect(sqlDefinition.payloadSchema.parse(payload)).toEqual(payload);
});

test.each([
  [
    { statement: 'x' },
    'connection',
    'The connection must be given: the name of one of the connections of the project.',
  ],
  [{ ...query, connection: '' }, 'connection', 'The connection must not be empty.'],
  [{ ...query, connection: 'c'.repeat(64) }, 'connection', 'The connection must have at most 63 characters.'],
  [{ ...query, statement: 1 }, 'statement', 'The statement must be given, as a string.'],
  [{ ...query, statement: ' \n' }, 'statement', 'The statement must not be empty.'],
  [{ ...query, statement: 'é'.repeat(16 * 1024 + 1) }, 'statement', 'The statement must be at most 32 KiB of UTF-8.'],
  [{ ...query, statement: 'select 1\0' }, 'statement', 'The statement must hold no NUL character.'],
  [{ ...query, parameters: { a: 1 } }, 'parameters', 'The parameters must be a list.'],
  [
    { ...query, parameters: Array.from({ length: 101 }, () => 1) },
    'parameters',
    'At most 100 parameters can be given.',
  ],
  [{ ...query, maxRows: 0 }, 'maxRows', 'The field maxRows must be a whole number from 1 to 1000.'],
  [{ ...query, maxRows: 1_001 }, 'maxRows', 'The field maxRows must be a whole number from 1 to 1000.'],
  [{ ...query, maxRows: 1.5 }, 'maxRows', 'The field maxRows must be a whole number from 1 to 1000.'],
  [
    { ...query, readOnly: false },
    'readOnly',
    'The field readOnly can only be true; leave it out to let the connection decide.',
  ],
  [{ ...query, timeout: '30s' }, 'timeout', 'The timeout must be an ISO 8601 duration, such as PT30S.'],
  [{ ...query, timeout: 'PT0S' }, 'timeout', 'The timeout must be more than zero and at most PT1H.'],
  [{ ...query, timeout: 'PT61M' }, 'timeout', 'The timeout must be more than zero and at most PT1H.'],
  [{ ...query, url: 'x' }, '', 'A sql job has no field url.'],
  ['x', '', 'The payload of a sql job must be an object with a connection and a statement.'],
])('%j is refused, and the message names the field', (payload, path, message) => {
  expect(problems(payload)).toEqual([[path, message]]);
});

describe("the operator's file of connections", () => {
  const url = 'postgresql://u:canary@db.example:5432/app';

  test('says which connections a project has: those for every one, those of its slug and those of its id, the last winning', () => {
    const all = parseSqlConnections(
      JSON.stringify({
        '*': { shared: { url }, reporting: { url, readOnly: true } },
        acme: { reporting: { url, maxConnections: 5 } },
        'id-1': { own: { url } },
        other: { secret: { url } },
      }),
    );
    expect([...connectionsOf(all, 'acme', 'id-1')]).toEqual([
      ['shared', { url }],
      ['reporting', { url, maxConnections: 5 }],
      ['own', { url }],
    ]);
    expect([...connectionsOf(all, 'nobody').keys()]).toEqual(['shared', 'reporting']);
    expect([...connectionsOf(parseSqlConnections('{}'), '__proto__', 'constructor')]).toEqual([]);
  });

  test.each([
    ['{"acme": {"a": {"url": "canary', /is no JSON/],
    ['[]', /cannot be used: it must be an object of projects\.$/],
    ['{"acme": []}', /: project acme: it must be an object of connections\.$/],
    ['{"acme": {"a": "canary"}}', /: project acme, connection a: it must be an object with a url\.$/],
    ['{"acme": {"a": {}}}', /: project acme, connection a: url must be given, as a string\.$/],
    ['{"acme": {"a": {"url": "canary"}}}', /: project acme, connection a: url must be such as /],
    ['{"acme": {"a": {"url": "mysql://u:canary@h/db"}}}', /: project acme, connection a: url must be such as /],
    ['{"acme": {"a": {"url": "postgres://u:canary@h"}}}', /: project acme, connection a: url must name a database/],
    ['{"acme": {"a": {"url": "postgres://u:canary@h/d?sslmode=prefer"}}}', /sslmode must be one of /],
    [`{"acme": {"a": {"url": "${url}", "readOnly": "canary"}}}`, /readOnly must be true or false\.$/],
    [
      `{"acme": {"a": {"url": "${url}", "maxConnections": 0}}}`,
      /maxConnections must be a whole number from 1 to 20\.$/,
    ],
    [
      `{"acme": {"a": {"url": "${url}", "password": "canary"}}}`,
      /it may have url, readOnly and maxConnections only\.$/,
    ],
    [`{"acme": {"a b": {"url": "${url}"}}}`, /: project acme, connection a b: the name of a connection /],
  ])('is refused by a sentence that repeats no value: %s', (text, message) => {
    const refused = (): unknown => parseSqlConnections(text);
    expect(refused).toThrow(message);
    expect(refused).not.toThrow(/canary/);
  });
});

test.each([
  ['postgresql://u:p%40@db.example/app', 'postgresql://u:p%40@db.example/app?sslmode=verify-full'],
  ['postgresql://db.example/app?sslmode=require', 'postgresql://db.example/app?sslmode=verify-full'],
  ['postgresql://db.example/app?sslmode=disable', 'postgresql://db.example/app?sslmode=disable'],
  ['postgresql://db.example/app?sslmode=no-verify', 'postgresql://db.example/app?sslmode=no-verify'],
  ['postgresql://127.0.0.1:5432/app', 'postgresql://127.0.0.1:5432/app'],
  ['postgresql://localhost/app', 'postgresql://localhost/app'],
  ['postgresql://[::1]/app', 'postgresql://[::1]/app'],
  ['postgresql:///app?host=/run/postgresql', 'postgresql:///app?host=/run/postgresql'],
  ['postgresql://localhost/app?host=db.example', 'postgresql://localhost/app?host=db.example&sslmode=verify-full'],
])(
  'TLS with a verified certificate is used unless the server is on this machine or the URL says otherwise: %s',
  (url, used) => {
    expect(withTls(url)).toBe(used);
  },
);
