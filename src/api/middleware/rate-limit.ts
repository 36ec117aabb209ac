import type { RequestHandler, Response } from 'express';
import { AppError } from '../../domain/errors.js';
import type { RateLimiter, RateState } from '../../security/rate-limiter.js';
import { callerOfAddress } from '../client-address.js';
import { probes } from '../probes.js';

/** Lets an address send so many requests and no more, before anything is known of who they are from. */
export function limitAddress(limiter: RateLimiter | undefined): RequestHandler {
  return async (req, res, next) => {
    if (limiter && !probes.has(req.url.split('?', 1)[0] ?? '')) {
      const { address } = res.locals.context;
      admit(res, await limiter.take(callerOfAddress(address)), 'this address sends');
    }
    next();
  };
}

/** Lets a principal send so many requests and no more, from wherever they come. */
export function limitPrincipal(limiter: RateLimiter | undefined): RequestHandler {
  return async (_req, res, next) => {
    const { identity } = res.locals.context;
    if (limiter && identity) {
      admit(res, await limiter.take(`${identity.kind}:${identity.id}`), 'this principal sends');
    }
    next();
  };
}

/** What of an address too much is, when it is refused for it. */
export const FAILED = 'this address sends without a valid credential';

/**
 * Tells a client how it stands, as draft-ietf-httpapi-ratelimit-headers-10 writes it, and refuses what is too much.
 *
 * @param who whose doing it is, for the refusal: `this address sends`
 * @throws AppError `rate_limited`
 */
export function admit(res: Response, state: RateState, who: string): void {
  const { policy, remaining, resetMs, isAllowed } = state;
  const { name, limit, windowMs } = policy;
  append(res, 'RateLimit-Policy', `"${name}";q=${limit};w=${windowMs / 1_000}`);
  append(res, 'RateLimit', `"${name}";r=${remaining};t=${Math.ceil(resetMs / 1_000)}`);
  if (isAllowed) return;
  const seconds = windowMs / 1_000;
  throw new AppError('rate_limited', `Too much of what ${who}: at most ${limit} in ${seconds} s are let through.`, {
    retryAfterMs: resetMs,
  });
}

function append(res: Response, header: string, item: string): void {
  const before = res.getHeader(header);
  res.setHeader(header, typeof before === 'string' ? `${before}, ${item}` : item);
}
