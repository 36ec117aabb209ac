import type { Request } from 'express';
import { AppError } from '../domain/errors.js';

/**
 * Whether a page of ours sent a change: another site can make a browser send one, and the browser adds its cookies to
 * that, too. What it says of the sender cannot be forged by a page.
 */
export function isOfOwnOrigin(req: Request, ownOrigin: string): boolean {
  const { origin, 'sec-fetch-site': site } = req.headers;
  return origin === undefined ? site === 'same-origin' : origin === ownOrigin;
}

export function foreignOrigin(): AppError {
  return new AppError('forbidden', 'With a session, changes are taken from pages of Carillon itself only.');
}
