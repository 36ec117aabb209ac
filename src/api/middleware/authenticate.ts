import type { RequestHandler } from 'express';
import { AppError } from '../../domain/errors.js';
import type { Authenticator } from '../../security/principals.js';

/**
 * Lets nobody past without a valid key. It stands before all routing and looks at no path, so that no way of writing a
 * path gets around it.
 */
export function authenticate(authenticator: Authenticator): RequestHandler {
  return async (req, res, next) => {
    const principal = await authenticator.authenticate(req.headers.authorization);
    if (!principal) {
      throw new AppError('unauthenticated', 'Give a valid API key: `Authorization: Bearer carillon_...`.');
    }
    res.locals.context.principal = principal;
    next();
  };
}
