import type { ErrorRequestHandler } from 'express';
import { AppError, errorCodes } from '../../domain/errors.js';
import type { Logger } from '../../platform/logging.js';
import { isDatabaseUnavailable } from '../../store/unavailable.js';
import { sendProblem } from '../send.js';

/** Answers errors: their public side to the caller, their inner one to the log. */
export function answerProblems(logger: Logger): ErrorRequestHandler {
  return (error: unknown, _req, res, _next) => {
    const known = toAppError(error);
    const { status } = errorCodes[known.code];
    const { requestId, traceId, route, jobId } = res.locals.context;
    const fields = { requestId, traceId, route, jobId, code: known.code, err: known.cause };
    if (status === 503) logger.warn(fields, known.message);
    else if (status >= 500) logger.error(fields, known.message);
    if (res.headersSent) res.destroy();
    else sendProblem(res, known);
  };
}

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (isDatabaseUnavailable(error)) {
    return new AppError('unavailable', 'The database cannot be reached just now; try again.', { cause: error });
  }
  return new AppError('internal', 'Carillon failed to answer; the trace id helps its operators to find out why.', {
    cause: error,
  });
}
