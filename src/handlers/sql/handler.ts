import { type Handler, HandlerError, NonRetryableError, type RunContext } from '../handler.js';
import { timeoutMsOf } from '../shared/timeout.js';
import { type Attempt, runOn } from './attempt.js';
import type { SqlConnection } from './connections.js';
import { deadlineSignal } from './deadline.js';
import { sqlDefinition, type SqlPayload } from './definition.js';
import { sqlFailure } from './failure.js';
import { createPools, type Pools } from './pools.js';
import type { SqlResult } from './result.js';

export interface SqlHandlerOptions {
  /** The connection that a project calls `name`; undefined where it has none. */
  connectionOf(projectId: string, name: string): Promise<SqlConnection | undefined> | SqlConnection | undefined;
  /** The names of a project's connections, for the message about one that is not there. */
  names(projectId: string): Promise<readonly string[]> | readonly string[];
}

export interface SqlHandler extends Handler<SqlPayload> {
  /** Ends every connection. Statements still running fail, and are rolled back. */
  close(): Promise<void>;
}

/**
 * Makes the `sql` handler, for PostgreSQL. `run` returns a {@link SqlResult} and throws `sql_unavailable`, `sql_conflict`
 * and `sql_timeout` (retryable), `sql_error`, `sql_unsupported`, `sql_auth`, `sql_tls`, `sql_commit_unknown` and
 * `connection_unknown` (not retryable), or the reason of the run's signal.
 */
export function createSqlHandler(options: SqlHandlerOptions): SqlHandler {
  const pools = createPools();
  const closing = new AbortController();
  return {
    definition: sqlDefinition,
    async run(context, payload) {
      context.signal.throwIfAborted();
      const connection = await options.connectionOf(context.projectId, payload.connection);
      if (!connection) throw unknownConnection(payload.connection, await options.names(context.projectId));
      return runAttempt(pools, closing.signal, context, payload, connection);
    },
    async close() {
      closing.abort(new HandlerError('sql_unavailable', 'The node is shutting down.'));
      await pools.close();
    },
  };
}

function unknownConnection(name: string, names: readonly string[]): NonRetryableError {
  const known = names.length === 0 ? 'it has none' : `it has ${names.toSorted().join(', ')}`;
  return new NonRetryableError('connection_unknown', `The project has no SQL connection ${name}: ${known}.`);
}

async function runAttempt(
  pools: Pools,
  closing: AbortSignal,
  context: RunContext,
  payload: SqlPayload,
  connection: SqlConnection,
): Promise<SqlResult> {
  const startedAt = performance.now();
  const elapsedMs = (): number => performance.now() - startedAt;
  const timeoutMs = timeoutMsOf(payload.timeout);
  const readOnly = payload.readOnly === true || connection.readOnly === true;
  const { signal, clear } = deadlineSignal(timeoutMs, [context.signal, closing]);
  const leftMs = (): number => timeoutMs - elapsedMs();
  const attempt: Attempt = { context, payload, connection, readOnly, signal, leftMs, stage: 'connecting' };
  let failure: HandlerError | undefined;
  try {
    return await runOn(await pools.connect(connection, signal), attempt);
  } catch (error) {
    // An abort ends the session; what the statement rejects with is only an echo of it.
    // Unless the change may have been made: then that is what matters.
    if (attempt.stage !== 'committing' || readOnly) context.signal.throwIfAborted();
    failure = sqlFailure(signal.aborted ? signal.reason : error, {
      stage: attempt.stage,
      readOnly,
      timeoutMs,
      elapsedMs: elapsedMs(),
    });
    throw failure;
  } finally {
    clear();
    logAttempt(context, payload.connection, failure?.code, Math.round(elapsedMs()));
  }
}

/** One line an attempt, without the statement, its parameters or its rows. */
function logAttempt(context: RunContext, connection: string, error: string | undefined, tookMs: number): void {
  const ended = context.signal.aborted ? 'aborted' : error;
  const outcome = ended === undefined ? 'done' : `failed (${ended})`;
  const fields = { connection, durationMs: tookMs, ...(ended !== undefined && { error: ended }) };
  context.log('info', `The statement on ${connection}: ${outcome} after ${tookMs} ms`, fields);
}
