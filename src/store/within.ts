import sql from 'sql-template-tag';
import type { Queries, Transactional } from './database.js';

/**
 * What runs all its statements in a transaction that is open already; its own transactions are savepoints
 * of that one, so that what they throw undoes what they did and no more. One at a time: they do not run side by side.
 */
export function within(tx: Queries): Transactional {
  return {
    query: (statement, name) => tx.query(statement, name),
    async transaction(work) {
      // One name for all: the innermost one of a name is meant, and each ends before the one around it.
      await tx.query(sql`savepoint within`);
      try {
        return await work(within(tx));
      } catch (error) {
        await tx.query(sql`rollback to savepoint within`);
        throw error;
      } finally {
        await tx.query(sql`release savepoint within`);
      }
    },
  };
}
