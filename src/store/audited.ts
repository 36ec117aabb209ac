import sql from 'sql-template-tag';
import type { Database, Queries } from './database.js';

/**
 * A database for one call that may change something: its first transaction that is about to commit writes the call's
 * entry into the audit trail, so that no change is without one and no entry without its change. What is asked outside a
 * transaction may only read: a change there would fail.
 *
 * @param write writes the entry; false: nothing was changed
 */
export function audited(db: Database, write: (tx: Queries) => Promise<boolean>): Database {
  let isWritten = false;
  return {
    query: (statement, name) =>
      db.transaction(async (tx) => {
        await tx.query(sql`set transaction read only`);
        return tx.query(statement, name);
      }),
    async transaction(work) {
      let writes = false;
      const result = await db.transaction(async (tx) => {
        const done = await work(tx);
        writes = !isWritten && (await write(tx));
        return done;
      });
      isWritten ||= writes;
      return result;
    },
    get prisma(): never {
      throw new Error('Prisma has connections of its own: what it changes would not be in the audit trail');
    },
    close: () => Promise.reject(new Error('the database is closed by whoever opened it')),
  };
}
