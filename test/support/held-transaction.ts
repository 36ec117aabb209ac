import sql from 'sql-template-tag';
import type { Database } from '../../src/store/database.js';
import { eventually } from './eventually.js';

/** What came of two pieces of work of which the second came into a transaction of the first. */
export interface OneInTheOther<First, Second> {
  first: First;
  second: Second;
  /** Whether the second had to wait for the first. */
  waited: boolean;
}

/**
 * Does `first`, holds its transaction, begins `second`, and lets the first go on when the second has ended or waits for a
 * lock. The transaction is held before its commit; with `after`, after its first statement of that name.
 */
export async function oneInTheOther<First, Second>(
  db: Database,
  first: (db: Database) => Promise<First>,
  second: () => Promise<Second>,
  after?: string,
): Promise<OneInTheOther<First, Second>> {
  let goOn: () => void = () => {};
  const mayGoOn = new Promise<void>((resolve) => (goOn = resolve));
  let reach: () => void = () => {};
  const isHeld = new Promise<void>((resolve) => (reach = resolve));
  const hold = () => {
    reach();
    return mayGoOn;
  };
  const held: Database = {
    ...db,
    transaction: (work) =>
      db.transaction(async (tx) => {
        const result = await work({
          async query(statement, name) {
            const rows = await tx.query<never>(statement, name);
            if (after !== undefined && name === after) await hold();
            return rows;
          },
        });
        if (after === undefined) await hold();
        return result;
      }),
  };

  const firstDone = first(held);
  await Promise.race([isHeld, firstDone]);
  let hasEnded = false;
  const secondDone = second().finally(() => (hasEnded = true));
  // Whatever becomes of them is told below, by the one await of both.
  const both = Promise.all([firstDone, secondDone]);
  both.catch(() => undefined);
  const waited = await eventually(async () => {
    if (hasEnded) return false;
    if ((await waitingForALock(db)) === 0) throw new Error('the second has neither ended nor come to wait');
    return true;
  }).finally(goOn);
  const [firstResult, secondResult] = await both;
  return { first: firstResult, second: secondResult, waited };
}

/** How many connections to this database wait for a lock. */
async function waitingForALock(db: Database): Promise<number> {
  const rows = await db.query(
    sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows.length;
}
