/** curl(1): the options that an `http` job has something for. */
import type { Arguments, OptionTable } from './arguments.js';
import { type HttpRequest, isDiscarded, isPlainUrl, METHODS } from './http-request.js';

export const curlOptions: OptionTable = {
  flags: ['-f', '--fail', '-s', '--silent', '-S', '--show-error', '-L', '--location'],
  valued: {
    '-o': 'output',
    '--output': 'output',
    '-X': 'method',
    '--request': 'method',
    '-H': 'header',
    '--header': 'header',
    '-d': 'data',
    '--data': 'data',
    '--data-raw': 'raw data',
    '-m': 'seconds',
    '--max-time': 'seconds',
  },
  equals: false,
};

const MAX_HEADERS = 64;
const MAX_SECONDS = 3_600;
const FORM = 'application/x-www-form-urlencoded';

/** A name (RFC 9110 token), and a value of Latin-1; curl takes a header without a value as one to leave out. */
const HEADER =
  /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)[ \t]*$/;
/** What an `http` job sets itself. */
const OWN_HEADER =
  /^(?:connection|keep-alive|proxy[-_].*|te|trailer|transfer-encoding|upgrade|http2-settings|host|content-length|expect|accept-encoding|x[-_]carillon[-_].*|webhook[-_].*|__proto__)$/i;

export function curlRequest({ options, operands }: Arguments): HttpRequest | null {
  const [url = '', ...more] = operands;
  const valuesOf = (name: string) => options.filter((option) => option.name === name).map(({ value }) => value);
  const [methods, seconds] = [valuesOf('method'), valuesOf('seconds')];
  const bodies = [...valuesOf('data').map(dataOf), ...valuesOf('raw data')];
  if (!isPlainUrl(url) || more.length > 0 || !valuesOf('output').every(isDiscarded)) return null;
  if (methods.length > 1 || bodies.length > 1 || seconds.length > 1) return null;

  const [body] = bodies;
  const headers = headersOf(valuesOf('header'), body !== undefined);
  const method = METHODS.find((known) => known === (methods[0] ?? (body === undefined ? 'GET' : 'POST')));
  const timeout = seconds[0] === undefined ? undefined : durationOf(seconds[0]);
  if (body === null || headers === null || method === undefined || timeout === null) return null;
  // Such a request has no meaning (RFC 9110 section 9.3.1), and the job type refuses it.
  if (body !== undefined && (method === 'GET' || method === 'HEAD')) return null;

  return {
    method,
    url,
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    ...(body === undefined ? {} : { body }),
    ...(timeout === undefined ? {} : { timeout }),
  };
}

/** A body that is no file: `-d @name` reads one. */
function dataOf(value: string): string | null {
  return value.startsWith('@') ? null : value;
}

/** The headers by name, with the type that curl gives a body; null if one can't be sent, or comes twice. */
function headersOf(written: readonly string[], hasBody: boolean): Record<string, string> | null {
  const headers: Record<string, string> = {};
  const names = new Set<string>();
  for (const line of written) {
    const [, name, value = ''] = HEADER.exec(line) ?? [];
    if (name === undefined || OWN_HEADER.test(name) || names.has(name.toLowerCase())) return null;
    names.add(name.toLowerCase());
    headers[name] = value;
  }
  if (hasBody && !names.has('content-type')) headers['Content-Type'] = FORM;
  return Object.keys(headers).length > MAX_HEADERS ? null : headers;
}

/** curl's -m in seconds, as a duration; null for what is none, too long, or 0, which is no limit to curl. */
function durationOf(value: string): string | null {
  const seconds = /^\d{1,4}(?:\.\d{1,3})?$/.test(value) ? Number(value) : 0;
  return seconds > 0 && seconds <= MAX_SECONDS ? `PT${seconds}S` : null;
}
