import { NonRetryableError } from '../handler.js';
import type { OutgoingRequest } from './request.js';
import { urlProblem } from './url-rules.js';

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Headers that speak of a body, which is gone when the method turns to GET (Fetch standard, request-body-header names). */
const BODY_HEADERS = ['content-encoding', 'content-language', 'content-location', 'content-type'];
/**
 * What goes on to another origin. A list of what may, since no list of what may not is ever whole: credentials have names
 * such as `X-Api-Key`, `Private-Token` and `X-Shopify-Access-Token`.
 */
const CROSS_ORIGIN_HEADERS: ReadonlySet<string> = new Set([
  ...BODY_HEADERS,
  'accept',
  'accept-encoding',
  'accept-language',
  'idempotency-key',
  'user-agent',
  'x-carillon-attempt',
  'x-carillon-job-id',
  'x-carillon-run-id',
  'x-carillon-scheduled-for',
]);

/**
 * The request to send next, or undefined when an answer is no redirect. Methods change as in browsers (Fetch standard,
 * HTTP-redirect fetch): 303 turns all but HEAD to GET, 301 and 302 turn POST to GET, 307 and 308 keep everything.
 *
 * @throws NonRetryableError `http_redirect` when Location is no URL that a payload could have named
 */
export function followUp(
  request: OutgoingRequest,
  status: number,
  location: string | undefined,
): OutgoingRequest | undefined {
  if (!REDIRECTS.has(status) || location === undefined) return undefined;
  const url = URL.canParse(location, request.url.href) ? new URL(location, request.url) : undefined;
  const problem = url ? urlProblem(url.href) : 'The URL cannot be read.';
  if (!url || problem)
    throw new NonRetryableError('http_redirect', `The server redirected to a URL that is not followed: ${problem}`);

  const headers = new Map(request.headers);
  const withinOrigin = request.withinOrigin && url.origin === request.url.origin;
  if (!withinOrigin) keepOnly(headers, CROSS_ORIGIN_HEADERS);
  if (!turnsToGet(request.method, status)) return { ...request, url, headers, withinOrigin };
  BODY_HEADERS.forEach((name) => headers.delete(name));
  return { method: 'GET', url, headers, body: undefined, withinOrigin };
}

function keepOnly(headers: Map<string, string>, kept: ReadonlySet<string>): void {
  for (const name of headers.keys()) if (!kept.has(name)) headers.delete(name);
}

function turnsToGet(method: string, status: number): boolean {
  if (status === 303) return method !== 'GET' && method !== 'HEAD';
  return (status === 301 || status === 302) && method === 'POST';
}
