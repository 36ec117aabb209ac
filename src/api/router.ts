import { Router, type RequestHandler } from 'express';
import type { Endpoint } from '../contract/endpoint.js';
import { endpoints, type EndpointName } from '../contract/endpoints.js';
import { AppError } from '../domain/errors.js';
import type { Route } from './calls.js';
import { endpointHandler } from './endpoint-handler.js';
import type { ApiPorts } from './ports.js';
import { routes } from './routes/index.js';

/** The table of endpoints as an Express router; what it does not name is 404, or 405 when only the method is wrong. */
export function createRouter(ports: ApiPorts): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.use(checkEncoding);
  for (const [path, names] of endpointsByPath()) {
    const methods = names.map((name) => endpoints[name].method);
    for (const name of names) {
      const endpoint: Endpoint = endpoints[name];
      router[endpoint.method](path, endpointHandler(name, endpoint, routes[name] as Route<EndpointName>, ports));
    }
    const allowed = methods.flatMap((method) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]));
    router.all(path, otherMethods(path, [...allowed, 'OPTIONS']));
  }
  router.use(() => {
    throw new AppError('not_found', 'There is nothing under this path; /openapi.json lists what there is.');
  });
  return router;
}

/** The endpoints of each path, a fixed path before one with a parameter in its place: `/jobs/import` is no job's id. */
function endpointsByPath(): [path: string, names: EndpointName[]][] {
  const byPath = new Map<string, EndpointName[]>();
  for (const key of Object.keys(endpoints)) {
    const name = key as EndpointName;
    byPath.set(endpoints[name].path, [...(byPath.get(endpoints[name].path) ?? []), name]);
  }
  return [...byPath].toSorted(([a], [b]) => (a.replaceAll(':', '~') < b.replaceAll(':', '~') ? -1 : 1));
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
