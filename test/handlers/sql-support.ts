import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import pg from 'pg';
import type { SqlConnection } from '../../src/handlers/sql/connections.js';
import type { SqlPayload } from '../../src/handlers/sql/definition.js';
import { createSqlHandler, type SqlHandler } from '../../src/handlers/sql/handler.js';
import type { SqlResult } from '../../src/handlers/sql/result.js';
import type { RunContext } from '../../src/handlers/handler.js';
import { createTestDatabase } from '../support/database.js';
import { openThings, runContext } from './support.js';

/** A database with an owner's session, and a login role without special rights, whose URL jobs get. */
interface JobDatabase {
  /** As the plain role. */
  url: string;
  /** As the superuser. */
  ownerUrl: string;
  /** Asks as the superuser. */
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  /** How many sessions run a statement that contains `marker`. */
  running(marker: string): Promise<number>;
  drop(): Promise<void>;
}

async function createJobDatabase(): Promise<JobDatabase> {
  const { url: ownerUrl, drop } = await createTestDatabase();
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  const role = `sql_job_${randomBytes(6).toString('hex')}`;
  await owner.query(`create role ${role} login password 'canary-password'`);
  await owner.query(`grant create, usage on schema public to ${role}`);
  const url = new URL(ownerUrl);
  url.username = role;
  url.password = 'canary-password';
  const query = async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> =>
    (await owner.query<Row>(text, values)).rows;
  return {
    url: url.href,
    ownerUrl,
    query,
    async running(marker) {
      const found = await query<{ count: string }>(
        `select count(*) from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and query like $1`,
        [`%${marker}%`],
      );
      return Number(found[0]?.count);
    },
    async drop() {
      await owner.query(`drop owned by ${role}`);
      await owner.query(`drop role ${role}`);
      await owner.end();
      await drop();
    },
  };
}

/**
 * For all tests of a file: a database, in which each test finds an empty table `notes`, and things that are closed after
 * it.
 */
export function sqlBench(columns = 'id int primary key, note text') {
  const things = openThings();
  let database: JobDatabase | undefined;
  const bench = {
    things,
    get database(): JobDatabase {
      if (!database) throw new Error('There is a database from beforeAll to afterAll.');
      return database;
    },
  };
  beforeAll(async () => {
    database = await createJobDatabase();
  });
  afterAll(() => database?.drop());
  beforeEach(async () => {
    await bench.database.query('drop table if exists notes');
    await bench.database.query(`create table notes (${columns})`);
    await bench.database.query('grant all on notes to public');
  });
  afterEach(() => things.closeAll());
  return bench;
}

/** A handler whose every project has these connections. */
export function sqlHandler(connections: Record<string, SqlConnection>): SqlHandler {
  return createSqlHandler({
    connectionOf: (_projectId, name) => connections[name],
    names: () => Object.keys(connections),
  });
}

/** Runs an attempt on the connection `main` with a payload that the definition accepts. */
export async function runSql(
  handler: SqlHandler,
  statement: string,
  more: Partial<SqlPayload> = {},
  context: RunContext = runContext(),
): Promise<SqlResult> {
  const payload = handler.definition.payloadSchema.parse({ connection: 'main', statement, ...more });
  return (await handler.run(context, payload)) as SqlResult;
}
