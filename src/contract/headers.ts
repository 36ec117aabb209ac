/** The headers of requests and answers, as the OpenAPI document tells of them. */
import type { Endpoint } from './endpoint.js';

const answerHeaders = {
  Location: 'Where what was made can be read.',
  ETag: 'What is shown, as a strong entity tag that begins with the generation of the job: `"3.k2dZ0hX8mQ4rTt1w"`.',
  Link: 'The next page, as rel="next", while there is one.',
  'Idempotency-Replayed': '`true` when this is the answer of an earlier request with the same Idempotency-Key.',
  'X-Request-Id': 'The id of the request: the one that it came with, or a new one.',
  traceresponse: 'The trace that the request belongs to (W3C Trace Context).',
  'Retry-After': 'After how many seconds asking again can help.',
  RateLimit: 'What is left to the caller: `r` requests for `t` seconds, by the name of each policy.',
  'RateLimit-Policy': 'How much is let through: `q` requests in windows of `w` seconds, by the name of each policy.',
} as const;
export type AnswerHeader = 'Location' | 'ETag' | 'Link';

/** What browsers of allowed origins may read of an answer, beyond what they always may. */
export const exposedHeaders = [
  ...['X-Request-Id', 'ETag', 'Location', 'Link', 'Retry-After', 'RateLimit', 'RateLimit-Policy'],
  ...['Idempotency-Replayed', 'traceresponse'],
] as const;

const requestHeaders = {
  'Carillon-Project': {
    description:
      'The slug of the project that is meant: for users who may use several. Whoever may use only one need not name it.',
    schema: { type: 'string', examples: ['billing'] },
  },
  'Idempotency-Key': {
    description:
      'Makes the request safe to repeat for 24 hours: the same key and body are answered as the first time, and done once.',
    schema: {
      type: 'string',
      minLength: 1,
      maxLength: 255,
      pattern: '^[\\x21-\\x7e]+$',
      examples: ['invoice-2026-12-4711'],
    },
  },
  'If-Match': {
    description: 'Only while the job is of one of these generations: entity tags as `ETag` has them, `"3"`, or `*`.',
    schema: { type: 'string', examples: ['"3"'] },
  },
  'If-None-Match': {
    description: 'Answers 304, without a body, when what is shown is still what one of these entity tags stands for.',
    schema: { type: 'string', examples: ['"3.k2dZ0hX8mQ4rTt1w"'] },
  },
  'X-Request-Id': {
    description:
      'An id of your own, which goes into the log and comes back: up to 128 letters, digits and ._:+/=- characters. Another is replaced by a new one.',
    schema: { type: 'string', examples: ['req-4711'] },
  },
  traceparent: {
    description: 'The trace to belong to (W3C Trace Context).',
    schema: { type: 'string', examples: ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'] },
  },
} as const;
type RequestHeader = keyof typeof requestHeaders;

/** What a request may bring, so that a browser may be told. */
export const acceptedHeaders = ['Accept', 'Authorization', 'Content-Type', ...Object.keys(requestHeaders)] as const;

type Json = Record<string, unknown>;

/** The headers that a call heeds, as parameters. */
export function headerParameters(endpoint: Endpoint): Json[] {
  const names: RequestHeader[] = [
    'Carillon-Project',
    ...(endpoint.method === 'post' ? (['Idempotency-Key'] as const) : []),
    ...(endpoint.ifMatch ? (['If-Match'] as const) : []),
    ...(endpoint.ok.headers?.includes('ETag') ? (['If-None-Match'] as const) : []),
    'X-Request-Id',
    'traceparent',
  ];
  return names.map((name) => ({ name, in: 'header', required: false, ...requestHeaders[name] }));
}

/** The headers of what a call answers when all is well. */
export function answerHeadersOf(endpoint: Endpoint): Json {
  return described([
    ...(endpoint.ok.headers ?? []),
    ...(endpoint.method === 'post' ? (['Idempotency-Replayed'] as const) : []),
    ...everyAnswer,
  ]);
}

/** The headers of a refusal. */
export function problemHeadersOf(status: number, endpoint: Endpoint): Json {
  const isBusy = status === 503 || status === 429 || (status === 409 && endpoint.method === 'post');
  const headers = described([...(isBusy ? (['Retry-After'] as const) : []), ...everyAnswer]);
  return status === BEFORE_READING ? withoutRequired(headers) : headers;
}

/** Header lines too long to be read are refused below the API: without its headers, and without a body. */
export const BEFORE_READING = 431;

function withoutRequired(headers: Json): Json {
  return Object.fromEntries(
    Object.entries(headers).map(([name, one]) => [name, { ...(one as Json), required: false }]),
  );
}

const everyAnswer = ['X-Request-Id', 'traceresponse', 'RateLimit', 'RateLimit-Policy'] as const;

/** The others come only when there is something to say. */
const alwaysThere: ReadonlySet<string> = new Set(['Location', 'ETag', 'X-Request-Id', 'traceresponse']);

function described(names: readonly (keyof typeof answerHeaders)[]): Json {
  return Object.fromEntries(
    names.map((name) => [
      name,
      { description: answerHeaders[name], required: alwaysThere.has(name), schema: { type: 'string' } },
    ]),
  );
}
