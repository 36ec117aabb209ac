import { Agent } from 'undici';
import type { Handler } from '../handler.js';
import { KIB } from '../shared/size.js';
import type { AllowList } from './allow-list.js';
import { runAttempt } from './attempt.js';
import { guardedConnector, type Lookup, lookupAll } from './connector.js';
import { httpDefinition, type HttpPayload } from './definition.js';
import { createHostTurns, DEFAULT_HOST_LIMITS, type HostLimits } from './host-turns.js';
import { requestFor } from './request.js';

/** The largest head of an answer, in bytes; a larger one fails the attempt. */
const MAX_ANSWER_HEADER_BYTES = 16 * KIB;

export interface HttpHandlerOptions {
  /** What may be called besides public addresses. */
  readonly allowList: AllowList;
  readonly userAgent: string;
  /** How names become addresses; the system's resolver if not given. */
  readonly lookup?: Lookup;
  /** How much this node asks of one host at most: 20 requests at once and 50 a second if not given. */
  readonly hostLimits?: HostLimits;
  /**
   * The keys that sign a project's requests (24 to 64 bytes each), newest first; at most five are used. Asked once an
   * attempt. Where there are none, or this is not given, requests go unsigned; when it rejects, nothing is sent.
   */
  readonly signingKeys?: (projectId: string) => Promise<readonly Buffer[]>;
}

export interface HttpHandler extends Handler<HttpPayload> {
  /** Ends every connection. Requests still going fail. */
  close(): Promise<void>;
}

/**
 * Makes the `http` handler. `run` returns an `HttpResult` for a 2xx answer, or one that the payload expects, and throws:
 * `http_status` (retryable for 408, 425, 429 and 5xx, honouring Retry-After), `http_network`, `http_timeout` and
 * `signing_keys_unavailable` (retryable), `http_tls`, `http_redirect` and `address_denied` (not retryable), or the reason
 * of the run's signal.
 */
export function createHttpHandler(options: HttpHandlerOptions): HttpHandler {
  const { allowList, userAgent, lookup = lookupAll, hostLimits = DEFAULT_HOST_LIMITS } = options;
  // Connections are pooled by origin and were guarded when they were made. The attempt's deadline is the only clock.
  const agent = new Agent({
    connect: guardedConnector(allowList, lookup),
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: MAX_ANSWER_HEADER_BYTES,
  });
  const ports = {
    dispatcher: agent,
    turns: createHostTurns(hostLimits),
    signingKeys: options.signingKeys ?? (async () => []),
    nowMs: () => Date.now(),
  };
  return {
    definition: httpDefinition,
    run: (context, payload) => runAttempt(ports, context, payload, requestFor(payload, context, userAgent)),
    close: () => agent.destroy(),
  };
}
