import type { Dispatcher } from 'undici';
import { HandlerError, type RunContext } from '../handler.js';
import { fittingResult, type HttpResult, keptHeaders, readCapped } from './answer.js';
import { timeoutMsOf } from '../shared/timeout.js';
import { untilAborted } from '../shared/until-aborted.js';
import { createDeadline } from './deadline.js';
import type { HttpPayload } from './definition.js';
import { discard, firstOf, followRedirects, type Hop, redirectOf, sendOnce } from './exchange.js';
import { networkFailure, statusFailure } from './failure.js';
import type { HostTurns } from './host-turns.js';
import { logAttempt, logWait, type Seen } from './log-lines.js';
import type { OutgoingRequest } from './request.js';
import { checkedSigningKey, signatureHeaders } from './signature.js';

/** What attempts share. */
export interface AttemptPorts {
  readonly dispatcher: Dispatcher;
  readonly turns: HostTurns;
  readonly signingKeys: (projectId: string) => Promise<readonly Buffer[]>;
  /** The present, in epoch milliseconds. */
  readonly nowMs: () => number;
}

/** One attempt of a run, from its request to the result or the failure, with its log line. */
export async function runAttempt(
  ports: AttemptPorts,
  context: RunContext,
  payload: HttpPayload,
  first: OutgoingRequest,
): Promise<HttpResult> {
  const deadline = createDeadline(context.signal, timeoutMsOf(payload.timeout));
  const startedAt = performance.now();
  const seen: Seen = { waited: false };
  const onWait = (host: string): void => {
    if (!seen.waited) logWait(context, host);
    seen.waited = true;
  };
  try {
    const keys = await signingKeysOf(ports, context);
    const result = await followRedirects(first, (request, followed) => {
      const turn = { signal: context.signal, continues: followed > 0, onWait };
      const visit = (signal: AbortSignal) => visitOnce({ ports, context, payload, request, keys, seen, signal });
      return ports.turns.run(request.url, turn, () => deadline.run(visit));
    });
    return fittingResult({ ...result.head, durationMs: deadline.spentMs() }, result.bytes, result.more);
  } catch (error) {
    seen.error = error instanceof HandlerError ? error.code : 'aborted';
    throw error;
  } finally {
    const spentMs = deadline.spentMs();
    logAttempt(context, first, seen, spentMs, Math.round(performance.now() - startedAt) - spentMs);
  }
}

/** Unsigned is not sent: a receiver that checks signatures could not tell it from a forgery. */
async function signingKeysOf({ signingKeys }: AttemptPorts, context: RunContext): Promise<readonly Buffer[]> {
  context.signal.throwIfAborted();
  try {
    const keys = await untilAborted(context.signal, signingKeys(context.projectId));
    return keys.map(checkedSigningKey);
  } catch (error) {
    context.signal.throwIfAborted();
    const message = "The project's signing keys could not be read, so nothing was sent.";
    throw new HandlerError('signing_keys_unavailable', message, { cause: error });
  }
}

interface Visit {
  readonly ports: AttemptPorts;
  readonly context: RunContext;
  readonly payload: HttpPayload;
  readonly request: OutgoingRequest;
  readonly keys: readonly Buffer[];
  readonly seen: Seen;
  readonly signal: AbortSignal;
}

/** An answer read to its end, or to the cap. */
interface Answer {
  readonly head: { status: number; headers: Record<string, string> };
  readonly bytes: Buffer;
  readonly more: boolean;
}

/** Sends one request and reads its answer. */
async function visitOnce({ ports, context, payload, request, keys, seen, signal }: Visit): Promise<Hop<Answer>> {
  try {
    const message = {
      id: context.runId,
      timestampSeconds: Math.floor(ports.nowMs() / 1_000),
      body: request.body ?? Buffer.alloc(0),
    };
    const signatures = request.withinOrigin ? signatureHeaders(keys, message) : [];
    const response = await sendOnce(ports.dispatcher, request, signatures, signal);
    const { statusCode: status, headers } = response;
    const isExpected = expects(payload, status);
    const next = isExpected ? undefined : redirectOf(request, response);
    if (next) return { next };
    seen.status = status;
    if (!isExpected) {
      discard(response);
      throw statusFailure(status, firstOf(headers['retry-after']), ports.nowMs(), payload.expectStatus);
    }
    return { result: { head: { status, headers: keptHeaders(headers) }, ...(await readCapped(response.body)) } };
  } catch (error) {
    throw networkFailure(error);
  }
}

function expects({ expectStatus }: HttpPayload, status: number): boolean {
  return expectStatus ? expectStatus.includes(status) : status >= 200 && status <= 299;
}
