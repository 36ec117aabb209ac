import { describe, expect, test } from '@jest/globals';
import { runSql, sqlBench, sqlHandler } from './sql-support.js';
import { failureOf } from './support.js';

const bench = sqlBench('id int');
const { things } = bench;

const writable = () => things.keep(sqlHandler({ main: { url: bench.database.url } }));
const readOnly = () => things.keep(sqlHandler({ main: { url: bench.database.url, readOnly: true } }));
const count = async () => (await bench.database.query<{ count: string }>('select count(*) from notes'))[0]?.count;

describe('several statements in one', () => {
  test.each([
    'insert into notes values (1); insert into notes values (2)',
    'commit; drop table notes',
    'rollback; insert into notes values (1)',
    'select 1; select 2',
  ])('are refused by the server, and none is done: %s', async (statement) => {
    for (const handler of [writable(), readOnly()]) {
      const failure = await failureOf(runSql(handler, statement));
      expect(failure).toMatchObject({ code: 'sql_error', retryable: false });
      expect((failure as Error).message).toContain('42601');
      expect(await count()).toBe('0');
    }
  });

  test('are not needed for a semicolon at the end or a comment', async () => {
    expect(await runSql(writable(), 'insert into notes values (1); -- ; x')).toMatchObject({ rowCount: 1 });
    expect(await runSql(writable(), '-- nothing')).toMatchObject({ rows: [], rowCount: 0 });
  });
});

describe('in a read-only transaction', () => {
  const write = 'insert into notes values (1)';

  test('nothing is written, whether the connection or the payload says so', async () => {
    const failures = [
      await failureOf(runSql(readOnly(), write)),
      await failureOf(runSql(writable(), write, { readOnly: true })),
    ];
    for (const failure of failures) {
      expect(failure).toMatchObject({ code: 'sql_error', retryable: false });
      expect((failure as Error).message).toContain('25006');
    }
    expect(await count()).toBe('0');
    // The twin: without it, the same is written.
    await runSql(writable(), write);
    expect(await count()).toBe('1');
  });

  test.each([
    'set transaction read write',
    'set local transaction_read_only = off',
    "select set_config('transaction_read_only', 'off', true)",
    'do $$ begin set transaction read write; insert into notes values (1); end $$',
    "do $$ begin perform set_config('transaction_read_only', 'off', true); insert into notes values (1); end $$",
    'with x as (insert into notes values (1) returning id) select * from x',
    'do $$ begin commit; insert into notes values (1); end $$',
    'do $$ begin rollback; insert into notes values (1); end $$',
    'create table made ()',
    'drop table notes',
    'explain analyze insert into notes values (1)',
  ])('nothing is written by: %s', async (statement) => {
    expect(await failureOf(runSql(readOnly(), statement))).toMatchObject({ code: 'sql_error', retryable: false });
    expect(await count()).toBe('0');
  });

  test.each(['commit', 'rollback', 'abort', 'end'])(
    'a statement that ends the transaction (%s) is refused',
    async (statement) => {
      for (const handler of [writable(), readOnly()]) {
        expect(await failureOf(runSql(handler, statement))).toMatchObject({
          code: 'sql_unsupported',
          retryable: false,
        });
      }
    },
  );

  test('a session made writable for later is not so for the next run', async () => {
    const handler = things.keep(sqlHandler({ main: { url: bench.database.url, readOnly: true, maxConnections: 1 } }));
    await runSql(handler, 'set session characteristics as transaction read write');
    await runSql(handler, 'set default_transaction_read_only = off');
    expect(await failureOf(runSql(handler, write))).toMatchObject({ code: 'sql_error' });
  });
});

test.each([
  "copy (select 1) to program 'true'",
  "copy notes from program 'echo 1'",
  "copy (select 1) to '/tmp/canary'",
  'set role postgres',
  'set session authorization postgres',
  "select pg_read_file('/etc/passwd')",
])('a role without the grant cannot: %s', async (statement) => {
  const failure = await failureOf(runSql(writable(), statement));
  expect(failure).toMatchObject({ code: 'sql_error', retryable: false });
});

test.each(['copy notes from stdin', 'copy (select generate_series(1, 100000)) to stdout'])(
  'a COPY from or to the client is refused, and the handler goes on: %s',
  async (statement) => {
    const handler = writable();
    for (const more of [{}, { readOnly: true } as const]) {
      const failure = await failureOf(runSql(handler, statement, more));
      // A read-only transaction refuses to copy into a table before the copying begins.
      const code = more.readOnly && statement.includes('stdin') ? 'sql_error' : 'sql_unsupported';
      expect(failure).toMatchObject({ code, retryable: false });
    }
    expect(await runSql(handler, 'select 1 as n')).toMatchObject({ rows: [{ n: 1 }] });
  },
);

test('a statement that needs to be outside of a transaction says so', async () => {
  const failure = await failureOf(runSql(writable(), 'vacuum notes'));
  expect((failure as Error).message).toMatch(/25001.*transaction block/);
});

test('a connection that the project does not have fails for good, and the message lists those it has', async () => {
  const handler = things.keep(
    sqlHandler({ reporting: { url: bench.database.url }, billing: { url: bench.database.url } }),
  );
  expect(await failureOf(runSql(handler, 'select 1'))).toMatchObject({
    code: 'connection_unknown',
    retryable: false,
    message: 'The project has no SQL connection main: it has billing, reporting.',
  });
  expect(await failureOf(runSql(things.keep(sqlHandler({})), 'select 1'))).toMatchObject({
    message: 'The project has no SQL connection main: it has none.',
  });
});
