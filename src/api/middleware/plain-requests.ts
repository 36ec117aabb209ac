import type { Request, RequestHandler } from 'express';
import { AppError } from '../../domain/errors.js';
import { MAX_HEADERS } from '../../platform/http-server.js';

/** Of these a second one would have two readers of a request, such as a proxy and Carillon, see two requests. */
const single = new Set([
  ...['authorization', 'host', 'content-type', 'content-length', 'content-encoding', 'transfer-encoding', 'expect'],
  ...['idempotency-key', 'origin', 'cookie'],
]);

/**
 * Refuses requests that can be read in two ways or are out of all proportion, before anything else looks at them. A target
 * in absolute form (RFC 9112, section 3.2.2) is brought into the usual one: its host decides nothing here.
 */
export const plainRequests: RequestHandler = (req, _res, next) => {
  refuseHeaders(req);
  const [origin] = /^https?:\/\/[^/?#]*/i.exec(req.url) ?? [];
  if (origin !== undefined) {
    const target = req.url.slice(origin.length);
    req.url = target.startsWith('/') ? target : `/${target}`;
    req.originalUrl = req.url;
  }
  next();
};

function refuseHeaders({ rawHeaders }: Request): void {
  if (rawHeaders.length / 2 > MAX_HEADERS) {
    throw new AppError('headers_too_large', `A request has at most ${MAX_HEADERS} headers.`);
  }
  const seen = new Set<string>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]?.toLowerCase() ?? '';
    if (seen.has(name) && single.has(name)) {
      throw new AppError('malformed_request', `The header ${name} is given more than once.`);
    }
    seen.add(name);
  }
}
