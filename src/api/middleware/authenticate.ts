import type { Request, RequestHandler } from 'express';
import { AppError } from '../../domain/errors.js';
import type { Authenticator } from '../../security/authenticator.js';
import type { Admission } from '../../security/principals.js';
import { sessionCookie } from '../cookies.js';
import { demandOwnOrigin } from '../same-origin.js';

/**
 * Lets nobody past without a valid credential. It stands before all routing and looks at no path, so that no way of
 * writing a path gets around it. Where there is an `Authorization` header, it alone counts.
 */
export function authenticate(authenticator: Authenticator): RequestHandler {
  const admitSession = sessionAdmission(authenticator);
  return async (req, res, next) => {
    const { authorization } = req.headers;
    const isBySession = authorization === undefined;
    const admission = isBySession ? await admitSession(req) : await authenticator.authenticate(authorization);
    const { context } = res.locals;
    if ('refusal' in admission) {
      context.refusal = admission.refusal;
      throw new AppError('unauthenticated', 'Give a valid API key or access token: `Authorization: Bearer ...`.');
    }
    context.identity = admission.identity;
    next();
  };
}

/** Admits by the session cookie. What changes something must come from our own pages. */
function sessionAdmission({ browsers }: Authenticator): (req: Request) => Promise<Admission> {
  const none: Admission = { refusal: 'no_credential' };
  if (!browsers) return async () => none;
  const { origin, sessions } = browsers;
  const cookie = sessionCookie(origin);
  return async (req) => {
    const sessionId = cookie.read(req);
    if (sessionId === undefined) return none;
    const admission = await sessions.admit(sessionId);
    const mayChange = req.method !== 'GET' && req.method !== 'HEAD';
    if ('identity' in admission && mayChange) demandOwnOrigin(req, origin);
    return admission;
  };
}
