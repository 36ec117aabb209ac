import { Agent } from 'undici';
import { type Handler, HandlerError, type RunContext } from '../handler.js';
import type { AllowList } from './allow-list.js';
import { fittingResult, type HttpResult, keptHeaders, readCapped } from './answer.js';
import { guardedConnector, type Lookup, lookupAll } from './connector.js';
import { withDeadline } from './deadline.js';
import { httpDefinition, type HttpPayload } from './definition.js';
import { durationMs } from './duration.js';
import { discard, exchange, firstOf } from './exchange.js';
import { networkFailure, statusFailure } from './failure.js';
import { type OutgoingRequest, requestFor } from './request.js';

const DEFAULT_TIMEOUT_MS = 30_000;

export interface HttpHandlerOptions {
  /** What may be called besides public addresses. */
  readonly allowList: AllowList;
  readonly userAgent: string;
  /** How names become addresses; the system's resolver if not given. */
  readonly lookup?: Lookup;
}

export interface HttpHandler extends Handler<HttpPayload> {
  /** Ends every connection. Requests still going fail. */
  close(): Promise<void>;
}

/**
 * Makes the `http` handler. `run` returns an {@link HttpResult} for a 2xx answer and throws:
 * `http_status` (retryable for 408, 425, 429 and 5xx, honouring Retry-After), `http_network` and `http_timeout`
 * (retryable), `http_tls`, `http_redirect` and `address_denied` (not retryable), or the reason of the run's signal.
 */
export function createHttpHandler({ allowList, userAgent, lookup = lookupAll }: HttpHandlerOptions): HttpHandler {
  // Connections are pooled by origin and were guarded when they were made. The attempt's deadline is the only clock.
  const agent = new Agent({ connect: guardedConnector(allowList, lookup), headersTimeout: 0, bodyTimeout: 0 });
  return {
    definition: httpDefinition,
    run: (context, payload) => runAttempt(agent, context, payload, requestFor(payload, context, userAgent)),
    close: () => agent.destroy(),
  };
}

async function runAttempt(
  agent: Agent,
  context: RunContext,
  payload: HttpPayload,
  request: OutgoingRequest,
): Promise<HttpResult> {
  const startedAt = performance.now();
  const elapsedMs = (): number => Math.round(performance.now() - startedAt);
  const timeoutMs = (payload.timeout && durationMs(payload.timeout)) || DEFAULT_TIMEOUT_MS;
  const seen: Seen = {};
  try {
    return await withDeadline(context.signal, timeoutMs, (signal) => attempt(agent, request, signal, seen, elapsedMs));
  } catch (error) {
    seen.error = error instanceof HandlerError ? error.code : 'aborted';
    throw error;
  } finally {
    logAttempt(context, request, seen, elapsedMs());
  }
}

/** What the attempt's log line tells of it. */
interface Seen {
  status?: number;
  error?: string;
}

async function attempt(
  agent: Agent,
  request: OutgoingRequest,
  signal: AbortSignal,
  seen: Seen,
  elapsedMs: () => number,
): Promise<HttpResult> {
  try {
    const response = await exchange(agent, request, signal);
    seen.status = response.statusCode;
    if (response.statusCode < 200 || response.statusCode > 299) {
      discard(response);
      throw statusFailure(response.statusCode, firstOf(response.headers['retry-after']), Date.now());
    }
    const { bytes, more } = await readCapped(response.body);
    const head = { status: response.statusCode, headers: keptHeaders(response.headers), durationMs: elapsedMs() };
    return fittingResult(head, bytes, more);
  } catch (error) {
    throw networkFailure(error);
  }
}

/** One line an attempt, without the URL's query, header values or bodies: those hold secrets. */
function logAttempt(context: RunContext, { method, url }: OutgoingRequest, seen: Seen, tookMs: number): void {
  const where = `${url.origin}${url.pathname}`;
  const outcome = seen.status === undefined ? `failed (${seen.error ?? 'unknown'})` : `answered ${seen.status}`;
  context.log('info', `${method} ${where} ${outcome} after ${tookMs} ms`, {
    method,
    url: where,
    durationMs: tookMs,
    ...seen,
  });
}
