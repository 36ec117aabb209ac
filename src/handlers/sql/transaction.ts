import pg from 'pg';
import type { RunContext } from '../handler.js';
import { SECOND } from '../shared/duration.js';
import type { SqlConnection } from './connections.js';
import { clientConfig } from './pools.js';

/** How long a statement waits for somebody else's lock. */
const LOCK_TIMEOUT_MS = 10 * SECOND;
/** How long the server keeps a transaction whose node no longer says anything. */
const IDLE_TIMEOUT_MS = 60 * SECOND;
/** How often the server looks, during a statement, whether its node is still there. */
const CONNECTION_CHECK_MS = 5 * SECOND;
const STOP_TIMEOUT_MS = 5 * SECOND;

/** Names one transaction on its server: a process serves others after it. */
export interface TransactionIdentity {
  readonly pid: number;
  /** Its start, in seconds since 1970, as the server writes it. */
  readonly startedAt: string;
}

/**
 * What holds for the transaction alone. That this is a query has a second use: after the first query a transaction
 * cannot be made read-write any more, so that the statement which follows cannot do it either.
 */
const SETTINGS = `
  select pg_backend_pid() as pid,
    extract(epoch from now())::text as "startedAt",
    current_setting('is_superuser') = 'on' as superuser,
    set_config('statement_timeout', $1, true),
    set_config('lock_timeout', $2, true),
    set_config('idle_in_transaction_session_timeout', $3, true),
    -- Servers before 14 do not have it; of the systems that can do it, Linux is the one that says so in its version.
    (select set_config(name, $4, true) from pg_settings
      where name = 'client_connection_check_interval' and version() like '%linux%'),
    -- Values are read in these forms.
    set_config('datestyle', 'ISO', true),
    set_config('bytea_output', 'hex', true),
    -- For whoever looks at pg_stat_activity, and for the statement: current_setting('carillon.run_id').
    set_config('application_name', 'carillon run ' || $5, true),
    set_config('carillon.run_id', $5, true),
    set_config('carillon.job_id', $6, true),
    set_config('carillon.attempt', $7, true),
    set_config('carillon.scheduled_for', $8, true)`;

/**
 * Begins a transaction whose limits hold for it alone.
 *
 * @param statementTimeoutMs how long the server lets the statement run
 */
export async function beginTransaction(
  client: pg.PoolClient,
  options: { readOnly: boolean; statementTimeoutMs: number; context: RunContext },
): Promise<TransactionIdentity & { superuser: boolean }> {
  const { runId, jobId, attempt, scheduledFor } = options.context;
  await client.query(options.readOnly ? 'begin read only' : 'begin');
  const { rows } = await client.query<TransactionIdentity & { superuser: boolean }>(SETTINGS, [
    String(Math.max(1, Math.ceil(options.statementTimeoutMs))),
    String(LOCK_TIMEOUT_MS),
    String(IDLE_TIMEOUT_MS),
    String(CONNECTION_CHECK_MS),
    runId,
    jobId,
    String(attempt),
    scheduledFor.toISOString(),
  ]);
  const [row] = rows;
  if (!row) throw new Error('The server answered a query of one row with none.');
  return row;
}

/**
 * Ends a transaction that is still going, from a second connection, and its session with it. Ending the session cannot be
 * caught by the statement (an exception block can catch a cancelled query), and rolls back. The start tells the
 * transaction from a later one of the same process, which behind a pooler may be somebody else's.
 *
 * @throws what connecting or asking throws: then the server's own limits end the statement
 */
export async function endOnServer(to: SqlConnection, { pid, startedAt }: TransactionIdentity): Promise<void> {
  const client = new pg.Client({ ...clientConfig(to, STOP_TIMEOUT_MS), query_timeout: STOP_TIMEOUT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where pid = $1 and extract(epoch from xact_start)::text = $2',
      [pid, startedAt],
    );
  } finally {
    void client.end().catch(() => undefined);
  }
}
