import type { Endpoint } from '../contract/endpoint.js';
import { endpoints } from '../contract/endpoints.js';

/** A path of the table, with the methods that it has. */
export interface AllowedMethods {
  readonly path: string;
  readonly methods: readonly string[];
}

/** Fixed paths before those with a parameter in their place, as the router has them. */
const patterns = methodsByPath().map((allowed) => ({
  ...allowed,
  pattern: new RegExp(`^${allowed.path.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`),
}));

/** The methods of what a path leads to; undefined when that is nothing. */
export function allowedMethods(path: string): AllowedMethods | undefined {
  return patterns.find(({ pattern }) => pattern.test(path));
}

/** The paths of the table, a fixed one before one with a parameter in its place: `/jobs/import` is no job's id. */
export function methodsByPath(): AllowedMethods[] {
  const byPath = new Map<string, string[]>();
  for (const { path, method } of Object.values<Endpoint>(endpoints)) {
    const methods = method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()];
    byPath.set(path, [...(byPath.get(path) ?? []), ...methods]);
  }
  return [...byPath]
    .map(([path, methods]) => ({ path, methods: [...methods, 'OPTIONS'] }))
    .toSorted((a, b) => (a.path.replaceAll(':', '~') < b.path.replaceAll(':', '~') ? -1 : 1));
}
