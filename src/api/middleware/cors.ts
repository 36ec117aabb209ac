import type { RequestHandler } from 'express';
import { acceptedHeaders, exposedHeaders } from '../../contract/headers.js';
import { allowedMethods } from '../allowed-methods.js';

/** For so long a browser need not ask again, in seconds. */
const PREFLIGHT_KEPT_SECONDS = 600;
const HEADERS = acceptedHeaders.join(', ');
const EXPOSED = exposedHeaders.join(', ');

/**
 * Lets the pages of these origins, and no others, call the API by `fetch`. Never with a browser's own credentials: a key
 * or token is given in the request. A preflight is answered before authentication, as it brings none, and tells the
 * methods of the path, which stand in /openapi.json for everybody.
 */
export function cors(origins: readonly string[]): RequestHandler {
  const allowed = new Set(origins);
  return (req, res, next) => {
    if (allowed.size === 0) return next();
    res.vary('Origin');
    const { origin } = req.headers;
    if (origin === undefined || !allowed.has(origin)) return next();
    const asksFirst = req.method === 'OPTIONS' && req.headers['access-control-request-method'] !== undefined;
    const found = asksFirst ? allowedMethods(req.path) : undefined;
    // What there is not is nothing to tell of without a key.
    if (asksFirst && !found) return next();
    res.setHeader('Access-Control-Allow-Origin', origin);
    if (!found) {
      res.setHeader('Access-Control-Expose-Headers', EXPOSED);
      return next();
    }
    res.locals.context.route = found.path;
    res.vary('Access-Control-Request-Method').vary('Access-Control-Request-Headers');
    res.setHeader('Access-Control-Allow-Methods', found.methods.join(', '));
    res.setHeader('Access-Control-Allow-Headers', HEADERS);
    res.setHeader('Access-Control-Max-Age', PREFLIGHT_KEPT_SECONDS);
    res.statusCode = 204;
    res.end();
  };
}
