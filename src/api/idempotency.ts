import { createHash } from 'node:crypto';
import type { Request } from 'express';
import { AppError, errorCodes } from '../domain/errors.js';
import { NO_PROJECT_ID } from '../domain/ids.js';
import type { Doer } from '../security/principals.js';
import type { Queries } from '../store/database.js';
import { answerPlace } from '../security/encryption/answer-place.js';
import { keepCall, readCall, tryLockCall, type CallId, type KeptAnswer } from '../store/idempotent-calls.js';
import { within } from '../store/within.js';
import type { ApiPorts } from './ports.js';

/** A request with an `Idempotency-Key`. */
export interface IdempotentCall extends CallId {
  /** SHA-256 of the query and the body: another one under the same key is another request. */
  readonly fingerprint: Buffer;
}

const VISIBLE_ASCII = /^[\x21-\x7e]{1,255}$/;

/**
 * The call that an `Idempotency-Key` makes of a request whose body has been read; undefined without one.
 *
 * @throws AppError `malformed_request`
 */
export function idempotentCallOf(
  req: Request,
  { actor: principal, projectId = NO_PROJECT_ID }: Doer,
): IdempotentCall | undefined {
  const key = req.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || !VISIBLE_ASCII.test(key)) {
    const message = 'must be 1 to 255 visible ASCII characters';
    const problems = [{ parameter: 'Idempotency-Key', message }];
    throw new AppError('malformed_request', `Idempotency-Key ${message}.`, { problems });
  }
  const [path = '', query = ''] = req.url.split('?', 2);
  const hash = createHash('sha256').update(`${query}\n`);
  if (Buffer.isBuffer(req.body)) hash.update(req.body);
  return { projectId, principal, call: `${req.method} ${path}`, key, fingerprint: hash.digest() };
}

/** What was answered: now, or the first time. */
export type Outcome<T> = { readonly answer: T } | { readonly refusal: AppError } | { readonly replayed: KeptAnswer };

/**
 * Answers a call once. What the route does and the record of its answer are one transaction: a process that dies leaves
 * both or neither, and the key is free again as soon as the database has noticed. What a retry can help (5xx) keeps nothing.
 *
 * @param kept what is kept of an answer, or of a refusal by its route
 */
export async function answerOnce<T>(
  ports: ApiPorts,
  call: IdempotentCall,
  route: (ports: ApiPorts) => Promise<T>,
  kept: (done: { answer: T } | { refusal: AppError }) => KeptAnswer,
): Promise<Outcome<T>> {
  const { db, clock, vault } = ports.commands;
  const place = answerPlace(call);
  const onceCommitted: (() => void)[] = [];
  const outcome = await db.transaction(async (tx): Promise<Outcome<T>> => {
    if (!(await tryLockCall(tx, call))) {
      throw new AppError('idempotency_in_progress', 'The first request with this Idempotency-Key is not answered yet.');
    }
    const before = await readCall(tx, call, clock.now());
    if (before) {
      refuseReplay(before, call);
      return { replayed: { ...before, body: vault.openJson(place, before.body) as string | undefined } };
    }
    const done = await attempt(tx, ports, onceCommitted, route);
    const answer = kept(done);
    const body = vault.sealJson(place, answer.body);
    await keepCall(tx, call, { ...answer, body, fingerprint: call.fingerprint }, clock.now());
    return done;
  });
  for (const act of onceCommitted) act();
  return outcome;
}

/** Runs the route as a part of the transaction; a refusal undoes what it did. */
async function attempt<T>(
  tx: Queries,
  ports: ApiPorts,
  onceCommitted: (() => void)[],
  route: (ports: ApiPorts) => Promise<T>,
): Promise<{ answer: T } | { refusal: AppError }> {
  const { commands, authenticator } = ports;
  try {
    const answer = await within(tx).transaction((inner) =>
      route({
        ...ports,
        commands: {
          ...commands,
          db: within(inner),
          onCommitted: () => void onceCommitted.push(commands.onCommitted),
        },
        authenticator: {
          ...authenticator,
          forget: (keyId) => void onceCommitted.push(() => authenticator.forget(keyId)),
          forgetMembers: () => void onceCommitted.push(() => authenticator.forgetMembers()),
        },
      }),
    );
    return { answer };
  } catch (error) {
    if (!(error instanceof AppError) || errorCodes[error.code].retryable) throw error;
    onceCommitted.length = 0;
    return { refusal: error };
  }
}

function refuseReplay(before: Omit<KeptAnswer, 'body'> & { fingerprint: Buffer }, call: IdempotentCall): void {
  if (!before.fingerprint.equals(call.fingerprint)) {
    throw new AppError(
      'idempotency_key_reused',
      'This Idempotency-Key came with another body or query before: take a new key for a new request.',
    );
  }
  if (before.made !== null) {
    throw new AppError(
      'idempotency_answer_not_kept',
      `This was done already, and made ${before.made}, whose secret is shown once: revoke it, and make another under another Idempotency-Key.`,
    );
  }
}
