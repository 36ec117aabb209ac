import type { Response } from 'express';
import { errorCodes, type AppError } from '../domain/errors.js';

/** When a part of Carillon cannot be reached. */
const RETRY_AFTER_MS = 5_000;

/**
 * Sends JSON. Not by Express's `res.json`, which would answer 304 to a matching If-None-Match: a job's ETag is its
 * generation, and its status changes without one.
 */
export function sendJson(
  res: Response,
  status: number,
  value: unknown,
  type = 'application/json; charset=utf-8',
): void {
  const body = JSON.stringify(value);
  res.statusCode = status;
  res.setHeader('Content-Type', type);
  res.setHeader('Content-Length', Buffer.byteLength(body));
  res.end(body);
}

/** Sends the public side of an error, as RFC 9457 wants it. */
export function sendProblem(res: Response, error: AppError): void {
  const { status, title } = errorCodes[error.code];
  if (error.code === 'unauthenticated') res.setHeader('WWW-Authenticate', 'Bearer realm="carillon"');
  const retryAfterMs = error.retryAfterMs ?? (status === 503 ? RETRY_AFTER_MS : undefined);
  if (retryAfterMs !== undefined) res.setHeader('Retry-After', Math.max(1, Math.ceil(retryAfterMs / 1_000)));
  const problem = {
    type: `urn:carillon:problem:${error.code}`,
    title,
    status,
    detail: error.message,
    code: error.code,
    traceId: res.locals.context.traceId,
    ...(error.quota === undefined ? {} : { quota: error.quota }),
    ...(error.problems.length > 0 ? { errors: error.problems } : {}),
  };
  sendJson(res, status, problem, 'application/problem+json; charset=utf-8');
}
