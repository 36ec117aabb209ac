import { Router, type RequestHandler } from 'express';
import type { Endpoint } from '../contract/endpoint.js';
import { endpoints, type EndpointName } from '../contract/endpoints.js';
import { AppError } from '../domain/errors.js';
import { methodsByPath } from './allowed-methods.js';
import type { Route } from './calls.js';
import { endpointHandler } from './endpoint-handler.js';
import type { AppPorts } from './ports.js';
import { routes } from './routes/index.js';

/** The table of endpoints as an Express router; what it does not name is 404, or 405 when only the method is wrong. */
export function createRouter(ports: AppPorts): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.use(checkEncoding);
  for (const { path, methods } of methodsByPath()) {
    for (const [name, endpoint] of Object.entries<Endpoint>(endpoints)) {
      if (endpoint.path !== path) continue;
      const route = routes[name as EndpointName] as Route<EndpointName>;
      router[endpoint.method](path, endpointHandler(name as EndpointName, endpoint, route, ports));
    }
    router.all(path, otherMethods(path, methods));
  }
  router.use(() => {
    throw new AppError('not_found', 'There is nothing under this path; /openapi.json lists what there is.');
  });
  return router;
}

function otherMethods(path: string, allowed: readonly string[]): RequestHandler {
  return (req, res) => {
    res.locals.context.route = path;
    res.setHeader('Allow', allowed.join(', '));
    if (req.method === 'OPTIONS') {
      res.statusCode = 204;
      res.end();
      return;
    }
    throw new AppError('method_not_allowed', `${req.method} is not allowed here; ${allowed.join(', ')} are.`);
  };
}

/** The ids in a path, by their place among its segments. */
const idsByPlace: Readonly<Record<number, string>> = { 3: 'jobId', 5: 'runId' };

/** Names the part of a path whose percent-encoding is broken, before the router stumbles over it. */
const checkEncoding: RequestHandler = (req, _res, next) => {
  if (!req.path.includes('%')) return next();
  const broken = req.path.split('/').findIndex((segment) => !isDecodable(segment));
  if (broken === -1) return next();
  const parameter = idsByPlace[broken];
  throw new AppError('malformed_request', 'The path holds a broken percent-encoding.', {
    problems: parameter === undefined ? [] : [{ parameter, message: 'holds a broken percent-encoding' }],
  });
};

function isDecodable(segment: string): boolean {
  try {
    decodeURIComponent(segment);
    return true;
  } catch {
    return false;
  }
}
