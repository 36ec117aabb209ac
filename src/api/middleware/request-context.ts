import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import type { RequestContext } from '../context.js';

/** What proxies and clients commonly send as an id; anything else could be an attack on whoever reads the logs. */
const SANE_ID = /^[A-Za-z0-9._:+/=-]{1,128}$/;
/** W3C Trace Context, section 3.2: version, trace id, parent id, flags; `ff` and ids of zeros only are not valid. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(?![^-])/;

/** Names the request, by the id and trace that came with it or by new ones, and the address it came from. */
export function beginRequest(addressOf: (request: IncomingMessage) => string): RequestHandler {
  return (req, res, next) => {
    const made = randomUUID();
    const hex = made.replaceAll('-', '');
    const given = req.headers['x-request-id'];
    const requestId = typeof given === 'string' && SANE_ID.test(given) ? given : made;
    const parent = req.headers['traceparent'];
    const [, traceId = hex, flags = '00'] = (typeof parent === 'string' && TRACEPARENT.exec(parent)) || [];
    const address = addressOf(req);
    const context: RequestContext = { requestId, traceId, address, startedMs: performance.now(), route: 'unmatched' };
    res.locals.context = context;
    res.setHeader('X-Request-Id', requestId);
    // Its second half is this request's own span, and has a bit that is always set.
    res.setHeader('traceresponse', `00-${traceId}-${hex.slice(16)}-${flags}`);
    next();
  };
}
