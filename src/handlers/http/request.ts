import type { RunContext } from '../handler.js';
import type { HttpPayload } from './definition.js';

/** A request on its way, as the first hop or after a redirect. Header names are lower case. */
export interface OutgoingRequest {
  readonly method: NonNullable<HttpPayload['method']>;
  readonly url: URL;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string | undefined;
}

/**
 * The request a payload asks for, with the headers that tell the receiver which run is calling. The payload may set its
 * own `Idempotency-Key` and `User-Agent`, never an `X-Carillon-` header (the schema refuses those).
 */
export function requestFor(payload: HttpPayload, context: RunContext, userAgent: string): OutgoingRequest {
  const given = Object.entries(payload.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const);
  const headers = new Map<string, string>([
    ['user-agent', userAgent],
    ['idempotency-key', context.runId],
    ...contentType(payload.body),
    ...given,
    ['accept-encoding', 'identity'],
    ['x-carillon-job-id', context.jobId],
    ['x-carillon-run-id', context.runId],
    ['x-carillon-attempt', String(context.attempt)],
    ['x-carillon-scheduled-for', context.scheduledFor.toISOString()],
  ]);
  return {
    method: payload.method ?? (payload.body === undefined ? 'GET' : 'POST'),
    url: new URL(payload.url),
    headers,
    body: payload.body === undefined || typeof payload.body === 'string' ? payload.body : JSON.stringify(payload.body),
  };
}

function contentType(body: unknown): [string, string][] {
  if (body === undefined) return [];
  return [['content-type', typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json']];
}
