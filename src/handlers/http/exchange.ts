import { type Dispatcher, request as send } from 'undici';
import { HandlerError, NonRetryableError } from '../handler.js';
import { followUp } from './redirect.js';
import type { OutgoingRequest } from './request.js';

/** Redirects followed before the run fails. */
export const MAX_REDIRECTS = 5;
/** Interim answers (1xx) to one request. Servers send one or two; without an end they would keep a node busy until the timeout. */
export const MAX_INTERIM_ANSWERS = 20;

/** What one request came to: the exchange's result, or the request that a redirect asks for. */
export type Hop<T> = { readonly result: T } | { readonly next: OutgoingRequest };

/**
 * Makes a request and follows its redirects by hand, so that each one is guarded, signed and takes its turn like the first.
 *
 * @throws NonRetryableError `http_redirect` after more than five redirects
 */
export async function followRedirects<T>(
  first: OutgoingRequest,
  visit: (request: OutgoingRequest, followed: number) => Promise<Hop<T>>,
): Promise<T> {
  let request = first;
  for (let followed = 0; ; followed += 1) {
    const hop = await visit(request, followed);
    if ('result' in hop) return hop.result;
    if (followed === MAX_REDIRECTS) {
      throw new NonRetryableError('http_redirect', `The server redirected more than ${MAX_REDIRECTS} times.`);
    }
    request = hop.next;
  }
}

/** Sends one request. Resolves with the answer's head, its body unread; whatever its status. */
export function sendOnce(
  dispatcher: Dispatcher,
  request: OutgoingRequest,
  signatures: readonly [string, string][],
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  let interim = 0;
  return send(request.url, {
    dispatcher,
    signal,
    method: request.method,
    headers: Object.fromEntries([...request.headers, ...signatures]),
    body: request.body ?? null,
    // What is thrown here is thrown in the parser: undici fails the request with it and destroys the connection.
    onInfo: ({ statusCode }) => {
      if (statusCode === 101) throw switchedProtocols();
      interim += 1;
      if (interim > MAX_INTERIM_ANSWERS) throw tooManyInterim();
    },
  });
}

const tooManyInterim = (): HandlerError =>
  new HandlerError('http_network', `The server sent more than ${MAX_INTERIM_ANSWERS} interim answers (1xx).`);

const switchedProtocols = (): HandlerError =>
  new HandlerError('http_network', 'The server answered 101 Switching Protocols, which the request did not ask for.');

/**
 * The request that an answer leads to; then the answer is dropped. Undefined for an answer that is no redirect.
 *
 * @throws NonRetryableError `http_redirect` at a Location that can't be followed
 */
export function redirectOf(request: OutgoingRequest, response: Dispatcher.ResponseData): OutgoingRequest | undefined {
  try {
    const next = followUp(request, response.statusCode, firstOf(response.headers['location']));
    if (next) discard(response);
    return next;
  } catch (error) {
    discard(response);
    throw error;
  }
}

/** Drops a body unread, and its connection with it: draining could take as long as the server likes. */
export function discard(response: Dispatcher.ResponseData): void {
  // A destroyed body emits an error, which would end the process if nobody listened.
  response.body.on('error', () => undefined).destroy();
}

/** A repeated header counts by its first value. */
export const firstOf = (value: string | string[] | undefined): string | undefined => [value].flat()[0];
