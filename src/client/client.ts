import type { Endpoint } from '../contract/endpoint.js';
import { endpoints } from '../contract/endpoints.js';
import { problemOf, type CarillonProblem } from './problem.js';
import type { Client } from './types.js';

export interface ClientOptions {
  /** Where the API is: `https://carillon.example.com`, with a path before `/api` or without. */
  readonly url: string;
  /** An API key, `carillon_...`, or an access token of the OIDC provider. */
  readonly key: string;
  /** The slug of the project to call in; left out: the only one that the caller may use. */
  readonly project?: string;
  /** How often a call is repeated that is safe to repeat; 3 when left out. */
  readonly maxRetries?: number;
  /** A wait longer than this is left to the caller; a minute when left out. */
  readonly maxRetryAfterMs?: number;
  readonly fetch?: typeof fetch;
  /** Waits, and ends early, by a rejection, when the signal is aborted. */
  readonly sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** A call as it is whatever its endpoint. */
interface AnyRequest {
  params?: Record<string, string>;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  idempotencyKey?: string;
  ifMatch?: string;
  signal?: AbortSignal;
}

/**
 * A client of the API: a function for each endpoint, typed by the table that the API itself is made of. A refusal rejects
 * with a `CarillonProblem`, an answer that never came with the error of `fetch`. A GET, and a POST with an `idempotencyKey`, is
 * repeated when the API says by `Retry-After` that this can help; nothing else is.
 */
export function createClient(options: ClientOptions): Client {
  const entries = Object.entries<Endpoint>(endpoints).map(([name, endpoint]) => [
    name,
    (request: AnyRequest = {}) => call(options, endpoint, request),
  ]);
  return Object.fromEntries(entries) as Client;
}

async function call(options: ClientOptions, endpoint: Endpoint, request: AnyRequest) {
  const { fetch: send = fetch, sleep = sleepFor, maxRetries = 3 } = options;
  const url = urlOf(options.url, endpoint, request);
  const init = initOf(options, endpoint, request);
  const isSafe = endpoint.method === 'get' || (endpoint.method === 'post' && request.idempotencyKey !== undefined);
  for (let retries = 0; ; retries += 1) {
    const response = await send(url, init);
    if (response.ok) return answerOf(response);
    const problem = await problemOf(response);
    const waitMs = isSafe && retries < maxRetries ? retryAfter(problem, options) : undefined;
    if (waitMs === undefined) throw problem;
    await sleep(waitMs, request.signal);
  }
}

function retryAfter({ status, retryAfterMs }: CarillonProblem, { maxRetryAfterMs = 60_000 }: ClientOptions) {
  const isBusy = status === 429 || status === 503;
  return isBusy && retryAfterMs !== undefined && retryAfterMs <= maxRetryAfterMs ? retryAfterMs : undefined;
}

function urlOf(base: string, { path }: Endpoint, { params = {}, query = {} }: AnyRequest): string {
  const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => segment(name, params[name]));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return `${base.replace(/\/+$/, '')}${filled}${search.size === 0 ? '' : `?${search.toString()}`}`;
}

/** An id as a part of a path. An empty one, or dots, would lead to another endpoint. */
function segment(name: string, value: string | undefined): string {
  if (value === undefined || /^\.{0,2}$/.test(value)) throw new TypeError(`${name} is no part of a path: "${value}"`);
  return encodeURIComponent(value);
}

function initOf({ key, project }: ClientOptions, { method, bodyType }: Endpoint, request: AnyRequest): RequestInit {
  const { body, idempotencyKey, ifMatch, signal } = request;
  const headers = new Headers({ accept: 'application/json, application/problem+json', authorization: `Bearer ${key}` });
  if (project !== undefined) headers.set('carillon-project', project);
  if (body !== undefined) headers.set('content-type', bodyType ?? 'application/json');
  if (idempotencyKey !== undefined) headers.set('idempotency-key', idempotencyKey);
  if (ifMatch !== undefined) headers.set('if-match', ifMatch);
  return {
    method: method.toUpperCase(),
    headers,
    // A key must not follow where a redirect leads.
    redirect: 'error',
    ...(body === undefined ? {} : { body: typeof body === 'string' && bodyType ? body : JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  };
}

async function answerOf(response: Response) {
  const next = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
  return {
    status: response.status,
    body: await response.json(),
    headers: response.headers,
    nextCursor: next === undefined ? undefined : (new URL(next, response.url).searchParams.get('cursor') ?? undefined),
  };
}

function sleepFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}
