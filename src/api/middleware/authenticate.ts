import { createHash } from 'node:crypto';
import type { RequestHandler } from 'express';
import { LRUCache } from 'lru-cache';
import { AppError } from '../../domain/errors.js';
import type { Authenticator } from '../../security/authenticator.js';
import type { RateLimiter } from '../../security/rate-limiter.js';
import { callerOfAddress } from '../client-address.js';
import type { RequestContext } from '../context.js';
import { credentialReader } from '../credentials.js';
import { foreignOrigin } from '../same-origin.js';
import { admit, FAILED } from './rate-limit.js';

/** How long after their last use, and how many, credentials that were let in are remembered. */
const KNOWN_FOR_MS = 60 * 60_000;
const MOST_KNOWN = 10_000;

/**
 * Lets nobody past without a valid credential. It stands before all routing and looks at no path, so that no way of
 * writing a path gets around it.
 *
 * An address from which too many came that were none may try no other for a while: each could cost a query. Who was let in
 * before is let in still, so that nobody locks out those with whom they share an address.
 */
export function authenticate(authenticator: Authenticator, failures: RateLimiter): RequestHandler {
  const known = new LRUCache<string, true>({ max: MOST_KNOWN, ttl: KNOWN_FOR_MS, updateAgeOnHas: true });
  const attempts = createAttempts();
  const credentialOf = credentialReader(authenticator);
  return async (req, res, next) => {
    const { context } = res.locals;
    const credential = credentialOf(req);
    if (!credential) throw unauthenticated(context, 'no_credential');
    const digest = createHash('sha256').update(credential.text).digest('base64');
    const caller = callerOfAddress(context.address);
    const attempt = known.has(digest) ? undefined : attempts.begin(caller, digest);
    try {
      if (attempt) {
        const state = failures.look(caller);
        // Those still being looked at may all turn out to be none.
        if (attempt.others >= state.remaining) {
          const resetMs = state.isAllowed ? SOON_MS : state.resetMs;
          admit(res, { ...state, isAllowed: false, remaining: 0, resetMs }, FAILED);
        }
      }
      const admission = await credential.admit();
      if ('refusal' in admission) {
        known.delete(digest);
        const refused = unauthenticated(context, admission.refusal);
        admit(res, await failures.take(caller), FAILED);
        throw refused;
      }
      if (attempt) known.set(digest, true);
      context.identity = admission.identity;
    } finally {
      attempt?.end();
    }
    if (credential.isForeign) throw foreignOrigin();
    next();
  };
}

/** Until those still being looked at are known. */
const SOON_MS = 1_000;

/** The caller is told no more than this; the log line of the request has the reason. */
function unauthenticated(context: RequestContext, reason: string): AppError {
  context.refusal = reason;
  return new AppError('unauthenticated', 'Give a valid API key or access token: `Authorization: Bearer ...`.');
}

/** The credentials not let in before that each caller is trying just now; the same one at once is one attempt. */
function createAttempts() {
  const ofCallers = new Map<string, Map<string, number>>();
  return {
    begin(caller: string, credential: string) {
      const attempts = ofCallers.get(caller) ?? new Map<string, number>();
      ofCallers.set(caller, attempts);
      attempts.set(credential, (attempts.get(credential) ?? 0) + 1);
      return {
        others: attempts.size - 1,
        end() {
          const left = (attempts.get(credential) ?? 0) - 1;
          if (left > 0) attempts.set(credential, left);
          else attempts.delete(credential);
          if (attempts.size === 0 && ofCallers.get(caller) === attempts) ofCallers.delete(caller);
        },
      };
    },
  };
}
