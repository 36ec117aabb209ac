import pg from 'pg';
import { HandlerError, NonRetryableError } from '../handler.js';
import { isTlsCode } from '../shared/tls-code.js';
import { shortened } from '../shared/text.js';
import { timeoutFailure } from './deadline.js';

/** How far the attempt had come. */
export type Stage = 'connecting' | 'running' | 'committing';

const MAX_MESSAGE_LENGTH = 500;
/** Connection, resources, intervention of an operator (PostgreSQL, appendix A): another time may be better. */
const UNAVAILABLE = /^(?:08|53|57)/;
/** Serialization and deadlocks; a lock that was not to be had, an object in use. */
const CONFLICT = /^(?:40|55P03$|55006$)/;
/** What `pg` says of a server without TLS, with no code. */
const NO_TLS = /does not support SSL/;

/** What an attempt was doing when it failed. */
export interface Attempted {
  readonly stage: Stage;
  readonly readOnly: boolean;
  readonly timeoutMs: number;
  readonly elapsedMs: number;
}

/** What a failure of the database or of the way to it means for the run. */
export function sqlFailure(error: unknown, attempted: Attempted): HandlerError {
  if (attempted.stage === 'committing' && !attempted.readOnly && !isAnswer(error)) return commitUnknown(error);
  if (error instanceof HandlerError) return error;
  if (!(error instanceof pg.DatabaseError)) return connectionFailure(error);
  const state = error.code ?? '';
  if (attempted.stage === 'connecting' && state.startsWith('28')) {
    return new NonRetryableError('sql_auth', `The database refused the credentials of the connection (${state}).`);
  }
  // The same code tells of an operator who cancelled the query.
  if (state === '57014' && attempted.elapsedMs >= attempted.timeoutMs) return timeoutFailure(attempted.timeoutMs);
  const message = `PostgreSQL answered ${state}: ${wordsOf(error)}`;
  // Parameters that are too many or too few; a pooler in between means something passing by it.
  if (state === '08P01' && attempted.stage === 'running') return new NonRetryableError('sql_error', message);
  if (CONFLICT.test(state)) return new HandlerError('sql_conflict', message);
  return UNAVAILABLE.test(state)
    ? new HandlerError('sql_unavailable', message)
    : new NonRetryableError('sql_error', message);
}

/** Whether the server itself said that the transaction did not happen, and not only that the session ended. */
const isAnswer = (error: unknown): boolean => error instanceof pg.DatabaseError && !UNAVAILABLE.test(error.code ?? '');

function commitUnknown(cause: unknown): NonRetryableError {
  return new NonRetryableError(
    'sql_commit_unknown',
    'The connection was lost during the commit: the change may have been made. Look before you run the job again.',
    { cause },
  );
}

function connectionFailure(error: unknown): HandlerError {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const name = typeof code === 'string' ? code : 'connection lost';
  if (isTlsCode(name) || NO_TLS.test(String(message))) {
    return new NonRetryableError('sql_tls', `No secure connection to the database could be made (${name}).`);
  }
  return new HandlerError('sql_unavailable', `The exchange with the database failed (${name}).`, { cause: error });
}

/** The message and the place, but not the detail, the context or the hint: the detail quotes rows. */
function wordsOf({ message, position }: pg.DatabaseError): string {
  const words = shortened(message, MAX_MESSAGE_LENGTH);
  return position === undefined ? `${words}.` : `${words}, at character ${position} of the statement.`;
}
