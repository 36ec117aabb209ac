import { KIB } from '../shared/size.js';

/** Limits on the headers of a payload. */
export const MAX_HEADERS = 64;
export const MAX_HEADER_BYTES = 8 * KIB;

/** A field name is a token (RFC 9110 section 5.6.2). */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** A field value: tab, printable ASCII and obs-text (RFC 9110 section 5.5). No CR, LF or NUL: they would end the field. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Headers that belong to the connection or frame the message; a user's value would break or smuggle requests (RFC 9110 7.6.1, RFC 9112 11.2). */
const FORBIDDEN = new Set([
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'host',
  'content-length',
  'expect',
  // Bodies are kept as they come, capped; asking for compression would only hide them.
  'accept-encoding',
]);

/** What tells a receiver which run is calling, and proves it: never the payload's to say. */
const RESERVED_PREFIXES = ['X-Carillon-', 'Webhook-', 'Proxy-'];

/** Why one header can't be sent, as a sentence; undefined when it can. The value itself is never repeated: it may be a secret. */
export function headerProblem(name: string, value: string): string | undefined {
  if (!TOKEN.test(name)) return "A header name may hold only letters, digits and !#$%&'*+-.^_`|~.";
  // Receivers that hand headers on as variables (CGI, WSGI) take `_` for `-`.
  const lower = name.toLowerCase().replaceAll('_', '-');
  if (name.toLowerCase() === '__proto__') return 'A header cannot be named __proto__.';
  if (FORBIDDEN.has(lower)) return `The header ${name} is set by Carillon and cannot be given.`;
  const reserved = RESERVED_PREFIXES.find((prefix) => lower.startsWith(prefix.toLowerCase()));
  if (reserved) return `Headers that start with ${reserved} are set by Carillon and cannot be given.`;
  if (!VALUE.test(value))
    return `The value of the header ${name} may hold no line break, NUL or other control character, and nothing beyond Latin-1.`;
  // Every character is one byte here: the pattern above allows only Latin-1.
  if (name.length + value.length > MAX_HEADER_BYTES) return `The header ${name} is longer than 8 KiB.`;
  return undefined;
}
