import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { runSql, sqlBench, sqlHandler } from './sql-support.js';
import { failureOf, runContext } from './support.js';

const bench = sqlBench();
const { things } = bench;

const handlerOf = (url = bench.database.url) => things.keep(sqlHandler({ main: { url } }));
const notes = () => bench.database.query('select * from notes');

describe('the server', () => {
  test.each([
    [
      '23505',
      "insert into notes values (1, 'a'), (1, 'a')",
      /^PostgreSQL answered 23505: duplicate key value .*"notes_pkey"\.$/,
    ],
    [
      '42601',
      'selec 1',
      /^PostgreSQL answered 42601: syntax error at or near "selec", at character 1 of the statement\.$/,
    ],
    ['42P01', 'select * from nowhere', /^PostgreSQL answered 42P01: .*at character 15 of the statement\.$/],
    ['22012', 'select 1 / 0', /^PostgreSQL answered 22012: division by zero\.$/],
  ])('saying %s fails the run for good, with its words', async (_state, statement, message) => {
    const failure = await failureOf(runSql(handlerOf(), statement));
    expect(failure).toMatchObject({ code: 'sql_error', retryable: false });
    expect((failure as Error).message).toMatch(message);
  });

  test('tells rows in its detail and advice in its hint, which stand in no error', async () => {
    await bench.database.query("insert into notes values (42, 'x')");
    const failures = [
      await failureOf(runSql(handlerOf(), 'insert into notes values (42)')),
      await failureOf(
        runSql(handlerOf(), "do $$ begin raise exception 'plain' using detail = 'canary', hint = 'canary'; end $$"),
      ),
    ];
    expect(inspect(failures, { depth: 9 })).not.toMatch(/canary|42\)/);
    expect(failures).toMatchObject([{ code: 'sql_error' }, { message: 'PostgreSQL answered P0001: plain.' }]);
  });

  test.each([
    ['40001', 'sql_conflict'],
    ['40P01', 'sql_conflict'],
    ['55P03', 'sql_conflict'],
    ['53100', 'sql_unavailable'],
    ['57P03', 'sql_unavailable'],
    ['08006', 'sql_unavailable'],
  ])('saying %s is a failure to try again (%s)', async (state, code) => {
    const statement = `do $$ begin raise exception 'no' using errcode = '${state}'; end $$`;
    expect(await failureOf(runSql(handlerOf(), statement))).toMatchObject({ code, retryable: true });
  });

  test('ending the session is a failure to try again, and the next run has a new one', async () => {
    const handler = handlerOf();
    const running = failureOf(runSql(handler, "insert into notes select 1, 'canary-end' from pg_sleep(60)"));
    await eventually(async () => expect(await bench.database.running('canary-end')).toBe(1));
    await bench.database.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where query like '%canary-end%' and pid <> pg_backend_pid()",
    );
    expect(await running).toMatchObject({ code: 'sql_unavailable', retryable: true });
    expect(await runSql(handler, 'select 1 as n')).toMatchObject({ rows: [{ n: 1 }] });
  });

  test('ending idle sessions does not stop later runs', async () => {
    const handler = handlerOf();
    const { rows } = await runSql(handler, 'select pg_backend_pid() as pid');
    await bench.database.query('select pg_terminate_backend($1, 10000)', [rows[0]?.['pid']]);
    await eventually(async () => expect(await runSql(handler, 'select 1 as n')).toMatchObject({ rows: [{ n: 1 }] }));
  });
});

test('a constraint that is checked at the commit fails the run for good, and nothing is written', async () => {
  await bench.database.query('alter table notes add constraint later unique (note) deferrable initially deferred');
  const failure = await failureOf(runSql(handlerOf(), "insert into notes values (1, 'a'), (2, 'a')"));
  expect(failure).toMatchObject({ code: 'sql_error', retryable: false });
  expect((failure as Error).message).toContain('23505');
  expect(await notes()).toEqual([]);
});

test('a connection that is lost during the commit fails for good, as the change may have been made', async () => {
  await bench.database.query(`create or replace function leave() returns trigger language plpgsql as
    'begin perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(10); return null; end'`);
  await bench.database.query(
    'create constraint trigger leaving after insert on notes deferrable initially deferred for each row execute function leave()',
  );
  expect(await failureOf(runSql(handlerOf(), 'insert into notes values (1)'))).toMatchObject({
    code: 'sql_commit_unknown',
    retryable: false,
  });
});

describe('a statement that takes too long', () => {
  test('is ended by the server at the timeout, and may be tried again', async () => {
    const statement = "insert into notes select 1, 'canary-slow' from pg_sleep(60)";
    const failure = await failureOf(runSql(handlerOf(), statement, { timeout: 'PT0.3S' }));
    expect(failure).toMatchObject({ code: 'sql_timeout', retryable: true });
    await eventually(async () => expect(await bench.database.running('canary-slow')).toBe(0));
    expect(await notes()).toEqual([]);
  });

  test('cannot lift its own timeout', async () => {
    const statement = "select set_config('statement_timeout', '0', false), pg_sleep(60)";
    expect(await failureOf(runSql(handlerOf(), statement, { timeout: 'PT0.3S' }))).toMatchObject({
      code: 'sql_timeout',
    });
  });

  test('is ended on the server when the run is aborted, and rolled back', async () => {
    const abort = new AbortController();
    const statement = "insert into notes select 1, 'canary-abort' from pg_sleep(60)";
    const running = failureOf(runSql(handlerOf(), statement, {}, runContext(abort.signal)));
    await eventually(async () => expect(await bench.database.running('canary-abort')).toBe(1));
    const reason = new Error('cancelled');
    abort.abort(reason);
    expect(await running).toBe(reason);
    await eventually(async () => expect(await bench.database.running('canary-abort')).toBe(0));
    expect(await notes()).toEqual([]);
  });

  test('is ended even if it catches what it can', async () => {
    const abort = new AbortController();
    const statement = `do $$ begin loop begin perform pg_sleep(60), 'canary-stubborn';
      exception when query_canceled then null; end; end loop; end $$`;
    const running = failureOf(runSql(handlerOf(), statement, {}, runContext(abort.signal)));
    await eventually(async () => expect(await bench.database.running('canary-stubborn')).toBe(1));
    abort.abort(new Error('cancelled'));
    await running;
    await eventually(async () => expect(await bench.database.running('canary-stubborn')).toBe(0));
  });

  test('is ended when the handler is closed', async () => {
    const handler = handlerOf();
    const running = failureOf(runSql(handler, "select pg_sleep(60), 'canary-close'"));
    await eventually(async () => expect(await bench.database.running('canary-close')).toBe(1));
    await handler.close();
    expect(await running).toMatchObject({ code: 'sql_unavailable', retryable: true });
    await eventually(async () => expect(await bench.database.running('canary-close')).toBe(0));
  });

  test('ends the run even when the server no longer answers', async () => {
    const relay = await startRelay(bench.database.url);
    things.keep(relay);
    const handler = handlerOf(relay.url);
    await runSql(handler, 'select 1');
    relay.mute();
    const failure = await failureOf(runSql(handler, 'select 1', { timeout: 'PT0.1S' }));
    expect(failure).toMatchObject({ code: 'sql_timeout', retryable: true });
  });
});

test('waiting for a free connection ends with the run, and the connection is not lost by it', async () => {
  const handler = things.keep(sqlHandler({ main: { url: bench.database.url, maxConnections: 1 } }));
  const abort = new AbortController();
  const holding = new AbortController();
  const held = failureOf(runSql(handler, "select pg_sleep(60), 'canary-held'", {}, runContext(holding.signal)));
  await eventually(async () => expect(await bench.database.running('canary-held')).toBe(1));
  const waiting = failureOf(runSql(handler, 'select 1', {}, runContext(abort.signal)));
  const reason = new Error('cancelled');
  abort.abort(reason);
  expect(await waiting).toBe(reason);
  holding.abort(new Error('cancelled'));
  await held;
  expect(await runSql(handler, 'select 1 as n')).toMatchObject({ rows: [{ n: 1 }] });
});

describe('a database that cannot be reached', () => {
  const elsewhere = (change: (url: URL) => void): string => {
    const url = new URL(bench.database.url);
    change(url);
    return url.href;
  };

  test('because nothing listens may be tried again, and no error tells the URL', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const url = elsewhere((to) => (to.host = `127.0.0.1:${port}`));
    const failure = await failureOf(runSql(handlerOf(url), 'select 1'));
    expect(failure).toMatchObject({
      code: 'sql_unavailable',
      retryable: true,
      message: 'The exchange with the database failed (ECONNREFUSED).',
    });
    expect(inspect(failure, { depth: 9 })).not.toContain('canary');
  });

  test('because it does not exist fails for good', async () => {
    const url = elsewhere((to) => (to.pathname = '/nowhere'));
    expect(await failureOf(runSql(handlerOf(url), 'select 1'))).toMatchObject({ code: 'sql_error', retryable: false });
  });

  test('because it knows no such user fails for good', async () => {
    const url = elsewhere((to) => (to.username = 'nobody_of_that_name'));
    const failure = await failureOf(runSql(handlerOf(url), 'select 1'));
    expect(failure).toMatchObject({ code: 'sql_auth', retryable: false });
    expect(inspect(failure, { depth: 9 })).not.toMatch(/canary|nobody/);
  });

  test('over TLS fails for good where TLS is asked for', async () => {
    const url = elsewhere((to) => to.searchParams.set('sslmode', 'verify-full'));
    expect(await failureOf(runSql(handlerOf(url), 'select 1'))).toMatchObject({ code: 'sql_tls', retryable: false });
  });
});

/** Passes bytes between clients and the database until it is muted: then connections stay open and nothing passes. */
async function startRelay(target: string): Promise<{ url: string; mute(): void; close(): Promise<void> }> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let muted = false;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    keep(client);
    if (muted) return;
    const upstream = keep(connect(Number(port), hostname));
    client.on('data', (data) => muted || upstream.write(data));
    upstream.on('data', (data) => muted || client.write(data));
    client.on('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(target);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    mute: () => (muted = true),
    async close() {
      sockets.forEach((socket) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
