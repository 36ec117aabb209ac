import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { errorCodes, type AppError, type ErrorCode } from '../domain/errors.js';

/** When a part of Carillon cannot be reached. */
const RETRY_AFTER_MS = 5_000;
/** When the same request is being answered. */
const IN_PROGRESS_RETRY_AFTER_MS = 1_000;

const JSON_TYPE = 'application/json; charset=utf-8';
const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

export function sendJson(res: Response, status: number, value: unknown): void {
  sendText(res, status, JSON.stringify(value), JSON_TYPE);
}

/** Sends what is JSON already: a problem, where the status says so. */
export function sendText(
  res: Response,
  status: number,
  body: string,
  type = status < 400 ? JSON_TYPE : PROBLEM_TYPE,
): void {
  res.statusCode = status;
  res.setHeader('Content-Type', type);
  res.setHeader('Content-Length', Buffer.byteLength(body));
  res.end(body);
}

/** Sends a text as it comes, no faster than it is taken. */
export async function sendStream(
  req: Request,
  res: Response,
  { type, text }: { type: string; text: AsyncIterable<string> },
): Promise<void> {
  res.statusCode = 200;
  res.setHeader('Content-Type', type);
  if (req.method === 'HEAD') return void res.end();
  await pipeline(text, res).catch((error: NodeJS.ErrnoException) => {
    // The client has gone: there is nobody to tell.
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  });
}

/** Answers with the public side of an error. */
export function sendProblem(res: Response, error: AppError): void {
  const { status } = errorCodes[error.code];
  if (error.code === 'unauthenticated') res.setHeader('WWW-Authenticate', 'Bearer realm="carillon"');
  const retryAfterMs = error.retryAfterMs ?? retryAfterOf(error.code);
  if (retryAfterMs !== undefined) res.setHeader('Retry-After', Math.max(1, Math.ceil(retryAfterMs / 1_000)));
  sendText(res, status, JSON.stringify(problemOf(error, res.locals.context.traceId)));
}

function retryAfterOf(code: ErrorCode): number | undefined {
  if (code === 'idempotency_in_progress') return IN_PROGRESS_RETRY_AFTER_MS;
  return errorCodes[code].status === 503 ? RETRY_AFTER_MS : undefined;
}

/** The public side of an error, as RFC 9457 wants it. */
export function problemOf(error: AppError, traceId: string) {
  const { status, title } = errorCodes[error.code];
  return {
    type: `urn:carillon:problem:${error.code}`,
    title,
    status,
    detail: error.message,
    code: error.code,
    traceId,
    ...(error.quota === undefined ? {} : { quota: error.quota }),
    ...(error.problems.length > 0 ? { errors: [...error.problems] } : {}),
  };
}
