import { afterAll, beforeAll, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { openDatabase, type Database, type Queries } from '../../src/store/database.js';
import { recall, remember } from '../../src/store/memory.js';
import { isDatabaseUnavailable } from '../../src/store/unavailable.js';
import { within } from '../../src/store/within.js';
import { createTestDatabase } from '../support/database.js';

let db: Database;
beforeAll(async () => {
  db = openDatabase({ url: (await createTestDatabase()).url, maxConnections: 3, applicationName: 'test' });
});
afterAll(() => db.close());

const fails = async (tx: Queries, name: string) => {
  await remember(tx, name, 'x');
  throw new Error(`${name} fails`);
};

test('a transaction within another undoes what it did when it fails, and no more', async () => {
  await db.transaction(async (tx) => {
    const inner = within(tx);
    await remember(inner, 'before', 'x');
    await inner.transaction((one) => remember(one, 'done', 'x'));
    await expect(inner.transaction((one) => fails(one, 'undone'))).rejects.toThrow('undone fails');
    await expect(
      inner.transaction(async (one) => {
        await remember(one, 'undone around', 'x');
        await expect(within(one).transaction((two) => fails(two, 'undone inside'))).rejects.toThrow('inside fails');
        await within(one).transaction((two) => remember(two, 'undone beside', 'x'));
        throw new Error('all of it');
      }),
    ).rejects.toThrow('all of it');
    await remember(inner, 'after', 'x');
  });
  const names = ['before', 'done', 'after', 'undone', 'undone around', 'undone inside', 'undone beside'];
  const found = await Promise.all(names.map((name) => recall(db, name)));
  expect(found).toEqual(['x', 'x', 'x', undefined, undefined, undefined, undefined]);
});

test('a statement that fails within can be got over', async () => {
  await db.transaction(async (tx) => {
    await expect(within(tx).transaction((one) => one.query(sql`select 1 / 0`))).rejects.toThrow('division by zero');
    await remember(tx, 'got over', 'x');
  });
  expect(await recall(db, 'got over')).toBe('x');
});

test('what is done within is undone with the transaction around it', async () => {
  const work = db.transaction(async (tx) => {
    await within(tx).transaction((one) => remember(one, 'lost', 'x'));
    throw new Error('the outer one fails');
  });
  await expect(work).rejects.toThrow('the outer one fails');
  expect(await recall(db, 'lost')).toBeUndefined();
});

test('a connection that breaks between two statements fails its transaction, not the process', async () => {
  const work = db.transaction(async (tx) => {
    const [own] = await tx.query<{ pid: number }>(sql`select pg_backend_pid() as pid`);
    await db.query(sql`select pg_terminate_backend(${own?.pid}, 5000)`);
    await tx.query(sql`select 1`);
  });
  const error = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  expect(isDatabaseUnavailable(error)).toBe(true);
  expect(await db.query(sql`select 1 as one`)).toEqual([{ one: 1 }]);
});

test('a process that is gone without a word holds its locks for a minute at most', async () => {
  const [row] = await db.query(sql`select current_setting('idle_in_transaction_session_timeout') as within`);
  expect(row).toEqual({ within: '1min' });
});
