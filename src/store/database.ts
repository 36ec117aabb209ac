import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';
import type { Sql } from 'sql-template-tag';
import { PrismaClient } from '../generated/prisma/client.js';
import { quotaRefusal } from './quota-refusal.js';
import { ScopedPool } from './scoped-pool.js';

/** Runs one statement. A `name` makes it a prepared one: worth it for the hot ones, whose plans cost more than their work. */
export interface Queries {
  query<Row extends pg.QueryResultRow>(statement: Sql, name?: string): Promise<Row[]>;
}

/** Statements alone or in transactions: what most of the work needs, for whichever project or for all. */
export interface Transactional extends Queries {
  /** Runs `work` in one READ COMMITTED transaction; what it throws rolls back and is thrown on. */
  transaction<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
}

/**
 * The Postgres that holds the metadata, as the system sees it: all rows of all projects. Raw statements for what is hot or
 * must lock, Prisma for the rest, on one pool.
 */
export interface Database extends Transactional {
  readonly prisma: PrismaClient;
  /** What a project sees, on the same pool: whatever is asked through it, rows of other projects are not there. */
  forProject(projectId: string): Transactional;
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
  const pool = new ScopedPool({
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
    ...statementsOn(() => pool.connect()),
    prisma,
    // Where the tables are views, a statement has another plan: under the same name it would be planned anew at each change.
    forProject: (projectId) => statementsOn(() => pool.connectFor(projectId), 'project/'),
    async close() {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

/** @param prefix of the names of prepared statements */
function statementsOn(connect: () => Promise<pg.PoolClient>, prefix = ''): Transactional {
  const run = runner(prefix);
  return {
    async query<Row extends pg.QueryResultRow>(statement: Sql, name?: string) {
      const client = await connect();
      try {
        const rows = await run<Row>(client, statement, name);
        client.release();
        return rows;
      } catch (error) {
        client.release(true);
        throw error;
      }
    },
    async transaction(work) {
      const client = await connect();
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
  };
}

function runner(prefix: string) {
  return async <Row extends pg.QueryResultRow>(on: pg.PoolClient, statement: Sql, name?: string): Promise<Row[]> => {
    const { text, values } = statement;
    const { rows } = await on
      .query<Row>(name === undefined ? { text, values } : { name: `${prefix}${name}`, text, values })
      .catch(throwRefusal);
    return rows;
  };
}

function throwRefusal(error: unknown): never {
  throw quotaRefusal(error) ?? error;
}
