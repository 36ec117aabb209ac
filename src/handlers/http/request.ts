import type { RunContext } from '../handler.js';
import type { HttpPayload } from './definition.js';

/** A request on its way, as the first hop or after a redirect. Header names are lower case. */
export interface OutgoingRequest {
  readonly method: NonNullable<HttpPayload['method']>;
  readonly url: URL;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer | undefined;
  /**
   * Whether no server but the payload's own had a say in where it goes: only then does it carry signatures and what
   * the payload gave for that server. Not again after a way through another one, which could choose the URL.
   */
  readonly withinOrigin: boolean;
}

/**
 * The request a payload asks for, with the headers that tell the receiver which run is calling. The payload may set its
 * own `Idempotency-Key` and `User-Agent`, never an `X-Carillon-` or `Webhook-` header (the schema refuses those).
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
    body: bytesOf(payload.body),
    withinOrigin: true,
  };
}

/** Encoded once: what is signed is what is sent. */
function bytesOf(body: unknown): Buffer | undefined {
  if (body === undefined) return undefined;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

function contentType(body: unknown): [string, string][] {
  if (body === undefined) return [];
  return [['content-type', typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json']];
}
