import { type Dispatcher, request as send } from 'undici';
import { NonRetryableError } from '../handler.js';
import { followUp } from './redirect.js';
import type { OutgoingRequest } from './request.js';

const MAX_REDIRECTS = 5;

/**
 * Sends a request and follows its redirects by hand, each hop through the guarded dispatcher. Resolves with the final
 * answer's head, its body unread; whatever its status.
 *
 * @throws NonRetryableError `http_redirect` after more than five redirects or at a Location that can't be followed
 */
export async function exchange(
  dispatcher: Dispatcher,
  first: OutgoingRequest,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  let request = first;
  for (let followed = 0; ; followed += 1) {
    const response = await send(request.url, {
      dispatcher,
      signal,
      method: request.method,
      headers: Object.fromEntries(request.headers),
      body: request.body ?? null,
    });
    const next = nextRequest(request, response);
    if (!next) return response;
    discard(response);
    if (followed === MAX_REDIRECTS) {
      throw new NonRetryableError('http_redirect', `The server redirected more than ${MAX_REDIRECTS} times.`);
    }
    request = next;
  }
}

function nextRequest(request: OutgoingRequest, response: Dispatcher.ResponseData): OutgoingRequest | undefined {
  try {
    return followUp(request, response.statusCode, firstOf(response.headers['location']));
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
