import type { Request } from 'express';
import { AppError } from '../domain/errors.js';

/**
 * Refuses a change that another site made a browser send: the browser adds its cookies to that, too. What it says of
 * the sender cannot be forged by a page.
 */
export function demandOwnOrigin(req: Request, ownOrigin: string): void {
  const { origin, 'sec-fetch-site': site } = req.headers;
  const isOwn = origin === undefined ? site === 'same-origin' : origin === ownOrigin;
  if (!isOwn) {
    throw new AppError('forbidden', 'With a session, changes are taken from pages of Carillon itself only.');
  }
}
