import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { MAX_RESULT_BYTES } from '../handler.js';
import { jsonBytes, KIB } from '../shared/size.js';
import { beginningOf } from '../shared/text.js';

const MAX_HEADER_LENGTH = KIB;
/** Headers worth keeping: none of them carries a credential. */
const KEPT_HEADERS = [
  'content-type',
  'content-encoding',
  'content-language',
  'etag',
  'last-modified',
  'location',
  'x-request-id',
] as const;

/** The result of an `http` run. Its JSON is at most 64 KiB, for which the body may be cut. */
export interface HttpResult {
  status: number;
  headers: Record<string, string>;
  body: string;
  /** Present when the body is no UTF-8 text (or holds a NUL, which Postgres refuses in text). */
  encoding?: 'base64';
  /** Whether the body is only the beginning of what the server sent. */
  truncated: boolean;
  /** How long the exchange took, redirects included; waiting for turns at hosts is not. */
  durationMs: number;
}

/** The first 64 KiB of a body; the stream, and so the connection, is destroyed when there is more. */
export async function readCapped(body: Readable): Promise<{ bytes: Buffer; more: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    // Leaving the loop destroys the stream.
    if (size > MAX_RESULT_BYTES) break;
  }
  return { bytes: Buffer.concat(chunks).subarray(0, MAX_RESULT_BYTES), more: size > MAX_RESULT_BYTES };
}

/** The headers that a result keeps, each cut at 1 KiB. */
export function keptHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept = KEPT_HEADERS.flatMap((name) => {
    const value = [headers[name]].flat().join(', ');
    return headers[name] === undefined ? [] : [[name, value.slice(0, MAX_HEADER_LENGTH)] as const];
  });
  return Object.fromEntries(kept);
}

/** The result with as much of the body as fits in 64 KiB of JSON. */
export function fittingResult(
  head: Omit<HttpResult, 'body' | 'encoding' | 'truncated'>,
  bytes: Buffer,
  more: boolean,
): HttpResult {
  const text = textOf(bytes, more);
  const empty: HttpResult = {
    ...head,
    body: '',
    truncated: false,
    ...(text === undefined ? { encoding: 'base64' } : {}),
  };
  const room = MAX_RESULT_BYTES - jsonBytes(empty);
  if (text === undefined) {
    // Base64 makes 4 characters of 3 bytes, and JSON escapes none of them.
    const kept = bytes.subarray(0, Math.floor(room / 4) * 3);
    return { ...empty, body: kept.toString('base64'), truncated: more || kept.length < bytes.length };
  }
  const kept = longestFitting(text, room);
  return { ...empty, body: kept, truncated: more || kept.length < text.length };
}

/** The text of UTF-8 bytes, without a last character that the cap cut in two; undefined for what is no text. */
function textOf(bytes: Buffer, more: boolean): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: more });
  } catch {
    return undefined;
  }
}

/** The longest beginning whose JSON string adds at most `room` bytes (quotes not counted), never half a surrogate pair. */
function longestFitting(text: string, room: number): string {
  const fits = (length: number): boolean => jsonBytes(text.slice(0, length)) - 2 <= room;
  if (fits(text.length)) return text;
  let low = 0;
  let high = text.length;
  while (low + 1 < high) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return beginningOf(text, low);
}
