import { describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { runSql, sqlBench, sqlHandler } from './sql-support.js';
import { failureOf, runContext } from './support.js';

const bench = sqlBench();
const { things } = bench;

const handlerOf = (more: { readOnly?: boolean; maxConnections?: number } = {}) =>
  things.keep(sqlHandler({ main: { url: bench.database.url, ...more } }));
const notes = () => bench.database.query('select * from notes order by id');

describe('the result', () => {
  test('is the rows, their number and the names of the columns', async () => {
    expect(await runSql(handlerOf(), "select n as id, 'x' || n as name from generate_series(1, 2) n")).toEqual({
      rows: [
        { id: 1, name: 'x1' },
        { id: 2, name: 'x2' },
      ],
      rowCount: 2,
      fields: ['id', 'name'],
      truncated: false,
    });
  });

  test('of a change is the number of rows changed, and the change is committed', async () => {
    const handler = handlerOf();
    const insert = "insert into notes select n, 'x' from generate_series(1, 7) n";
    expect(await runSql(handler, insert)).toEqual({ rows: [], rowCount: 7, fields: [], truncated: false });
    expect(await runSql(handler, 'create table made ()')).toMatchObject({ rowCount: 0 });
    expect(await runSql(handler, 'drop table made')).toMatchObject({ rowCount: 0 });
    expect(await notes()).toHaveLength(7);
  });

  test('has every value in a form of JSON that loses nothing', async () => {
    const statement = `select true as b, 1::int2 as i2, 2147483647 as i4, 9007199254740993 as i8, 1.10::numeric as n,
      0.5::float8 as f, 'NaN'::float8 as nan, 'infinity'::float8 as inf, null as nothing, 'é' as t,
      date '2026-03-01' as d, timestamp '2026-03-01 06:00:00.123456' as ts,
      timestamptz '2026-03-01 06:00:00+00' at time zone 'UTC' as utc,
      '\\xdeadbeef'::bytea as bin, '{"a": [1, null]}'::jsonb as j, '[1]'::json as jl, array[1, null, 3] as li,
      array['a,b', '"', 'NULL'] as lt, array[9007199254740993] as l8, array[[1, 2], [3, 4]] as m,
      '[0:1]={5,6}'::int[] as bounds, 'infinity'::date as forever,
      'c9d8d1a8-3b1e-4a4e-9d25-3d6c1fbb54a4'::uuid as u`;
    const { rows } = await runSql(handlerOf(), statement);
    expect(rows).toEqual([
      {
        b: true,
        i2: 1,
        i4: 2147483647,
        i8: '9007199254740993',
        n: '1.10',
        f: 0.5,
        nan: 'NaN',
        inf: 'Infinity',
        nothing: null,
        t: 'é',
        d: '2026-03-01',
        ts: '2026-03-01T06:00:00.123456',
        utc: '2026-03-01T06:00:00',
        bin: '3q2+7w==',
        j: { a: [1, null] },
        jl: [1],
        li: [1, null, 3],
        lt: ['a,b', '"', 'NULL'],
        l8: ['9007199254740993'],
        m: [
          [1, 2],
          [3, 4],
        ],
        bounds: [5, 6],
        forever: 'infinity',
        u: 'c9d8d1a8-3b1e-4a4e-9d25-3d6c1fbb54a4',
      },
    ]);
    expect(JSON.parse(JSON.stringify(rows))).toEqual(rows);
  });

  test.each([
    ['UTC', '2026-03-01T06:00:00.5Z'],
    ['Asia/Kolkata', '2026-03-01T11:30:00.5+05:30'],
    ['America/New_York', '2026-03-01T01:00:00.5-05:00'],
  ])('has an instant in ISO 8601 with its offset, whatever the time zone (%s)', async (zone, iso) => {
    const url = new URL(bench.database.url);
    url.searchParams.set('options', `-c TimeZone=${zone} -c DateStyle=German,DMY -c bytea_output=escape`);
    const handler = things.keep(sqlHandler({ main: { url: url.href } }));
    const statement =
      "select timestamptz '2026-03-01 06:00:00.5+00' as at, date '2026-03-01' as d, '\\x00ff'::bytea as bin";
    expect((await runSql(handler, statement)).rows).toEqual([{ at: iso, d: '2026-03-01', bin: 'AP8=' }]);
  });

  test('of two columns of one name is refused, as one would hide the other, and nothing is changed', async () => {
    const failure = await failureOf(runSql(handlerOf(), 'insert into notes values (1) returning id, id'));
    expect(failure).toMatchObject({ code: 'sql_unsupported', retryable: false });
    expect(await notes()).toEqual([]);
  });

  test('may have a column called __proto__', async () => {
    const { rows } = await runSql(handlerOf(), 'select 1 as "__proto__"');
    expect(JSON.stringify(rows)).toBe('[{"__proto__":1}]');
  });
});

describe('rows beyond the limit', () => {
  const ten = 'select n from generate_series(1, 10) n';

  test('are left out, and the result says so', async () => {
    const handler = handlerOf({ readOnly: true });
    expect(await runSql(handler, ten, { maxRows: 9 })).toMatchObject({
      rows: { length: 9 },
      rowCount: null,
      truncated: true,
    });
    expect(await runSql(handler, ten, { maxRows: 10 })).toMatchObject({
      rows: { length: 10 },
      rowCount: 10,
      truncated: false,
    });
    const hundred = 'select n from generate_series(1, 100) n';
    expect(await runSql(handler, hundred)).toMatchObject({ rows: { length: 100 }, rowCount: 100, truncated: false });
    const more = 'select n from generate_series(1, 101) n';
    expect(await runSql(handler, more)).toMatchObject({ rows: { length: 100 }, truncated: true });
    const thousand = 'select n from generate_series(1, 5000) n';
    expect(await runSql(handler, thousand, { maxRows: 1000 })).toMatchObject({
      rows: { length: 1000 },
      truncated: true,
    });
  });

  test('are not fetched in a read-only transaction', async () => {
    // Row 2,000 does not exist: whoever asked for it would fail.
    const statement = 'select 1 / (2000 - n) as n from generate_series(1, 100000) n';
    expect(await runSql(handlerOf(), statement, { readOnly: true })).toMatchObject({ truncated: true });
    expect(await failureOf(runSql(handlerOf(), statement))).toMatchObject({ code: 'sql_error' });
  });

  test('are worked through where the statement may change something, so that nothing is done by half', async () => {
    await bench.database.query(`create or replace function put(n int) returns int language sql as
      'insert into notes values (n) returning id'`);
    const result = await runSql(handlerOf(), 'select put(n) from generate_series(1, 300) n', { maxRows: 1 });
    expect(result).toEqual({ rows: [{ put: 1 }], rowCount: 300, fields: ['put'], truncated: true });
    expect(await notes()).toHaveLength(300);
  });

  test.each([
    [1_000, 64],
    [40_000, 1],
    [70_000, 0],
  ])('and 64 KiB are left out (rows of %i bytes)', async (size, kept) => {
    const statement = `select repeat('é', ${size / 2}) as t from generate_series(1, 200)`;
    const result = await runSql(handlerOf(), statement, { maxRows: 200 });
    expect(result.rows).toHaveLength(kept);
    expect(result).toMatchObject({ truncated: true, rowCount: 200 });
    expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThanOrEqual(64 * 1024);
  });
});

describe('parameters', () => {
  test('are values, never text of the statement', async () => {
    const sly = "'); drop table notes; --";
    expect((await runSql(handlerOf(), 'select $1::text as t', { parameters: [sly] })).rows).toEqual([{ t: sly }]);
    expect(await notes()).toEqual([]);
  });

  test('may be scalars, lists for arrays and objects for JSON', async () => {
    const statement = `select $1::int as i, $2::numeric as n, $3::bool as b, $4::text as nothing, $5::int[] as l,
      $6::jsonb as j, $7::timestamptz = timestamptz '2026-03-01 06:00:00+00' as at, 2 = any($5::int[]) as found, $8::jsonb as jl`;
    const parameters = [1, 1.5, true, null, [1, 2, null], { a: ["'", 1] }, '2026-03-01T06:00:00Z', '[1]'];
    expect((await runSql(handlerOf(), statement, { parameters })).rows).toEqual([
      { i: 1, n: '1.5', b: true, nothing: null, l: [1, 2, null], j: { a: ["'", 1] }, at: true, found: true, jl: [1] },
    ]);
  });

  test('that are too few fail the run for good', async () => {
    expect(await failureOf(runSql(handlerOf(), 'select $1::int'))).toMatchObject({
      code: 'sql_error',
      retryable: false,
    });
  });
});

test('a statement can ask which run it belongs to', async () => {
  const statement = `select current_setting('carillon.run_id') as run, current_setting('carillon.job_id') as job,
    current_setting('carillon.attempt') as attempt, current_setting('carillon.scheduled_for')::timestamptz
      = timestamptz '2026-03-03 06:00:00+00' as due, current_setting('application_name') as name`;
  expect((await runSql(handlerOf(), statement)).rows).toEqual([
    { run: 'run-1', job: 'job-1', attempt: '2', due: true, name: 'carillon run run-1' },
  ]);
});

test('what a statement raises is written to the log of the run', async () => {
  const context = runContext();
  await runSql(handlerOf(), "do $$ begin raise notice 'half'; raise warning 'odd'; end $$", {}, context);
  expect(context.lines).toMatchObject([
    { level: 'info', message: 'half' },
    { level: 'warn', message: 'odd' },
    { level: 'info', message: expect.stringMatching(/^The statement on main: done after \d+ ms$/) },
  ]);
});

test('a role that is a superuser is warned of', async () => {
  const context = runContext();
  await runSql(things.keep(sqlHandler({ main: { url: bench.database.ownerUrl } })), 'select 1', {}, context);
  expect(context.lines[0]).toMatchObject({ level: 'warn', message: expect.stringContaining('superuser') });
});

test('nothing of the statement, its parameters or its rows is in the line of an attempt', async () => {
  const context = runContext();
  await runSql(handlerOf(), "select 'canary', $1::text as c", { parameters: ['canary'] }, context);
  await failureOf(runSql(handlerOf(), "select 'canary'::int", {}, context));
  expect(context.lines).toHaveLength(2);
  expect(JSON.stringify(context.lines)).not.toContain('canary');
});

describe('a session', () => {
  test('is used again, and keeps nothing of the run before', async () => {
    const handler = handlerOf({ maxConnections: 1 });
    const pid = 'select pg_backend_pid() as pid';
    const before = await runSql(handler, pid);
    await runSql(handler, "select set_config('search_path', 'canary', false), pg_advisory_lock(1)");
    await runSql(handler, 'create temporary table canary ()');
    await runSql(handler, 'set statement_timeout = 1');
    const after = await runSql(handler, 'select pg_backend_pid() as pid');
    expect(after.rows).toEqual(before.rows);
    const left = `select current_setting('search_path') like '%canary%' as path, to_regclass('pg_temp.canary') as temporary,
      (select count(*)::int from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()) as locks`;
    expect((await runSql(handler, left)).rows).toEqual([{ path: false, temporary: null, locks: 0 }]);
  });

  test('is waited for when all are taken', async () => {
    const handler = handlerOf({ maxConnections: 1 });
    const results = await Promise.all([1, 2, 3].map((n) => runSql(handler, `select ${n} as n, pg_sleep(0.01)`)));
    expect(results.map((result) => result.rows[0]?.['n'])).toEqual([1, 2, 3]);
  });

  test('is ended when the handler is closed', async () => {
    const handler = handlerOf();
    const { rows } = await runSql(handler, 'select pg_backend_pid() as pid');
    await handler.close();
    await eventually(async () => {
      expect(await bench.database.query('select from pg_stat_activity where pid = $1', [rows[0]?.['pid']])).toEqual([]);
    });
    expect(await failureOf(runSql(handler, 'select 1'))).toMatchObject({ code: 'sql_unavailable', retryable: true });
  });
});
