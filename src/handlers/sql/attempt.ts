import type pg from 'pg';
import { NonRetryableError, type RunContext } from '../handler.js';
import { untilAborted } from '../shared/until-aborted.js';
import type { SqlConnection } from './connections.js';
import type { SqlPayload } from './definition.js';
import type { Stage } from './failure.js';
import { logNotices } from './notices.js';
import { readResult, type SqlResult } from './result.js';
import { StatementCursor } from './statement-cursor.js';
import { beginTransaction, endOnServer, type TransactionIdentity } from './transaction.js';

const DEFAULT_MAX_ROWS = 100;

/** One attempt of a run, and how far it has come. */
export interface Attempt {
  readonly context: RunContext;
  readonly payload: SqlPayload;
  readonly connection: SqlConnection;
  readonly readOnly: boolean;
  /** Aborts when the attempt is over, for whatever reason. */
  readonly signal: AbortSignal;
  /** What is left of its time, in milliseconds. */
  leftMs(): number;
  stage: Stage;
}

/**
 * Runs the statement on a connection of the pool, in a transaction. Whatever fails ends the connection, which rolls back;
 * only one that is known to be clean goes back to the pool.
 */
export async function runOn(client: pg.PoolClient, attempt: Attempt): Promise<SqlResult> {
  let transaction: TransactionIdentity | undefined;
  let clean = false;
  const { lost, stopListening } = lossOf(client);
  const stopLogging = logNotices(client, attempt.context);
  const work = async (): Promise<SqlResult> => {
    transaction = await begin(client, attempt);
    const result = await execute(client, attempt);
    attempt.stage = 'committing';
    await client.query('commit');
    return result;
  };
  try {
    const result = await untilAborted(attempt.signal, Promise.race([work(), lost]));
    clean = await isReset(client, attempt.signal);
    return result;
  } catch (error) {
    if (attempt.signal.aborted && transaction) await stop(attempt, transaction);
    throw error;
  } finally {
    stopLogging();
    client.release(!clean);
    stopListening();
  }
}

async function begin(client: pg.PoolClient, attempt: Attempt): Promise<TransactionIdentity> {
  const { readOnly, context } = attempt;
  const { superuser, ...transaction } = await beginTransaction(client, {
    readOnly,
    statementTimeoutMs: attempt.leftMs(),
    context,
  });
  attempt.stage = 'running';
  if (superuser) {
    context.log('warn', 'The database role of this connection is a superuser: its statements can run programs there.');
  }
  return transaction;
}

async function execute(client: pg.PoolClient, { payload, readOnly }: Attempt): Promise<SqlResult> {
  const cursor = client.query(new StatementCursor(payload.statement, payload.parameters ?? []));
  try {
    const result = await readResult(cursor, { maxRows: payload.maxRows ?? DEFAULT_MAX_ROWS, readOnly });
    if (cursor.copies) throw unsupported('COPY from or to the client does nothing here: use INSERT or SELECT.');
    // Harmless, as nothing can follow: but who writes it expects something.
    if (client.getTransactionStatus() !== 'T') {
      throw unsupported('The statement ended its transaction: each run is one transaction, which Carillon ends.');
    }
    return result;
  } catch (error) {
    // A COPY that is refused fails with the code of a cancelled query.
    throw cursor.copies ? unsupported('COPY from or to the client does nothing here: use INSERT or SELECT.') : error;
  }
}

const unsupported = (message: string): NonRetryableError => new NonRetryableError('sql_unsupported', message);

/** Takes away what a statement may have left in its session: a role, settings, temporary tables, locks. */
async function isReset(client: pg.PoolClient, signal: AbortSignal): Promise<boolean> {
  return untilAborted(signal, client.query('discard all')).then(
    () => true,
    () => false,
  );
}

/** When the connection breaks, a query that had its answer in part is never settled by `pg-cursor`. */
function lossOf(client: pg.PoolClient): { lost: Promise<never>; stopListening(): void } {
  let listener = (_error: Error): void => {};
  const lost = new Promise<never>((_resolve, reject) => {
    listener = reject;
  });
  client.on('error', listener);
  return { lost, stopListening: () => void client.removeListener('error', listener) };
}

async function stop({ connection, context }: Attempt, transaction: TransactionIdentity): Promise<void> {
  try {
    await endOnServer(connection, transaction);
  } catch {
    context.log('warn', 'The server could not be told to stop the statement; its own time limit ends it.');
  }
}
