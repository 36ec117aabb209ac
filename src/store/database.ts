import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import type { Sql } from 'sql-template-tag';
import { PrismaClient } from '../generated/prisma/client.js';
import { quotaRefusal } from './quota-refusal.js';

/** Runs one statement. A `name` makes it a prepared one: worth it for the hot ones, whose plans cost more than their work. */
export interface Queries {
  query<Row extends pg.QueryResultRow>(statement: Sql, name?: string): Promise<Row[]>;
}

/** The Postgres that holds the metadata: raw statements for what is hot or must lock, Prisma for the rest, on one pool. */
export interface Database extends Queries {
  readonly prisma: PrismaClient;
  /** Runs `work` in one READ COMMITTED transaction; what it throws rolls back and is thrown on. */
  transaction<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  url: string;
  /** The most connections of this process. */
  maxConnections: number;
  /** Shown to operators in `pg_stat_activity`. */
  applicationName: string;
  /** Told of a connection that broke while idle; the pool replaces it. */
  onError?: (error: Error) => void;
}

export function openDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.maxConnections,
    application_name: options.applicationName,
    connectionTimeoutMillis: 5_000,
    // A statement that waits this long waits for something broken; the caller's own retry is better off.
    statement_timeout: 30_000,
    // What a process that is gone without a word had locked is free again after this time.
    idle_in_transaction_session_timeout: 60_000,
  });
  // One that breaks between two statements of a transaction would end the process, too. The next statement tells of it.
  pool.on('connect', (client) => client.on('error', () => undefined));
  // Without a listener an idle connection that breaks ends the process.
  pool.on('error', (error) => options.onError?.(error));
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });

  return {
    prisma,
    query: (statement, name) => run(pool, statement, name),
    async transaction(work) {
      const client = await pool.connect();
      let broken: Error | undefined;
      try {
        await client.query('begin');
        const result = await work({ query: (statement, name) => run(client, statement, name) });
        // What commits may still be refused: some is checked only then.
        await client.query('commit').catch(throwRefusal);
        return result;
      } catch (error) {
        await client.query('rollback').catch((cause: unknown) => {
          broken = cause instanceof Error ? cause : new Error(String(cause));
        });
        throw error;
      } finally {
        client.release(broken);
      }
    },
    async close() {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

async function run<Row extends pg.QueryResultRow>(
  on: pg.Pool | pg.PoolClient,
  statement: Sql,
  name?: string,
): Promise<Row[]> {
  const { text, values } = statement;
  const { rows } = await on
    .query<Row>(name === undefined ? { text, values } : { name, text, values })
    .catch(throwRefusal);
  return rows;
}

function throwRefusal(error: unknown): never {
  throw quotaRefusal(error) ?? error;
}
