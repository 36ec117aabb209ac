import type { RequestHandler } from 'express';
import type { Logger } from '../../platform/logging.js';
import type { Metrics } from '../../platform/metrics.js';
import { probes } from '../probes.js';

/** What a request counts as whose client went away before it was answered. */
const CLIENT_CLOSED = 499;

/**
 * One log line and one measurement for each request that ended. The path is told by its template: what users write
 * into paths and queries stays out of the logs.
 */
export function accessLog(logger: Logger, metrics: Metrics): RequestHandler {
  return (req, res, next) => {
    res.once('close', () => {
      const { requestId, startedMs, route, identity, refusal, jobId } = res.locals.context;
      const durationMs = Math.round((performance.now() - startedMs) * 1_000) / 1_000;
      const status = res.writableFinished ? res.statusCode : CLIENT_CLOSED;
      const method = knownMethod(req.method);
      metrics.httpRequestSeconds.observe({ method, route, status }, durationMs / 1_000);
      const level = probes.has(route) ? 'debug' : 'info';
      const who = identity && { [identity.kind === 'key' ? 'keyId' : 'userId']: identity.id };
      logger[level]({ requestId, method, route, status, durationMs, ...who, refusal, jobId }, 'request');
    });
    next();
  };
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** A label must not have as many values as clients have ideas. */
function knownMethod(method: string): string {
  return methods.has(method) ? method : 'OTHER';
}
