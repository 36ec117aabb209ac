import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot, type World } from './support/carillon.js';
import type { Report } from './support/report.js';

const PRINCIPALS = 10;
const REQUESTS_EACH = 5_000;
const IN_FLIGHT = 50;
const TARGET_MS = 1;

type Middleware = (req: unknown, res: unknown, next: () => void) => unknown;

/** The parts of the API, as they are built. */
interface Parts {
  openDatabase(options: object): Database;
  startRateLimits(config: object, ports: object): { address: object; failedAuthentication: object; principal: object };
  createAuthenticator(options: object): object;
  limitAddress(limiter: object): Middleware;
  limitPrincipal(limiter: object): Middleware;
  authenticate(authenticator: object, failures: object): Middleware;
  chooseProject(req: unknown, identity: unknown, isNeeded: boolean): object;
  isPermitted(principal: unknown, permission: string): boolean;
}

interface Database {
  query(statement: { text: string }, name?: string): Promise<unknown[]>;
  close(): Promise<void>;
}

/** What it costs the API to know a caller, and whether they may do so and so often, before a call does anything. */
export async function gateway(world: World): Promise<Report> {
  const parts = await load();
  const db = parts.openDatabase({
    url: world.place.databaseUrl(),
    maxConnections: 5,
    applicationName: 'benchmark',
  });
  let queries = 0;
  const counted: Database = {
    ...db,
    query(statement, name) {
      queries += 1;
      return db.query(statement, name);
    },
  };
  try {
    const keys = await Promise.all(Array.from({ length: PRINCIPALS }, (_, n) => newKey(world, n)));
    const pass = gatewayOf(parts, counted);
    // What a process does once is not what a request costs.
    await passAll(pass, keys, REQUESTS_EACH / 10);
    queries = 0;
    const before = process.cpuUsage();
    await passAll(pass, keys, REQUESTS_EACH);
    const { user, system } = process.cpuUsage(before);
    const requests = PRINCIPALS * REQUESTS_EACH;
    const ms = (user + system) / 1_000 / requests;
    return {
      rows: [
        {
          what: 'authentication, authorisation and rate limits, CPU ms a request',
          carillon: ms.toFixed(4),
          target: `≤ ${TARGET_MS}`,
          met: ms <= TARGET_MS,
        },
        { what: 'queries of theirs, in 1,000 requests', carillon: ((queries * 1_000) / requests).toFixed(1) },
      ],
      notes: [
        `${requests} requests of ${PRINCIPALS} principals at one address, ${IN_FLIGHT} at once, with limits that Postgres shares; without HTTP and what follows. CPU of the process of the API alone.`,
      ],
    };
  } finally {
    await db.close();
  }
}

/** Lets a request through, or throws. */
type Pass = (key: string) => Promise<void>;

function gatewayOf(parts: Parts, db: Database): Pass {
  const now = () => Date.now();
  const limits = parts.startRateLimits(
    { principal: 2 * REQUESTS_EACH, address: 3 * PRINCIPALS * REQUESTS_EACH, store: 'postgres' },
    { db, now, logger: console },
  );
  const middlewares = [
    parts.limitAddress(limits.address),
    parts.authenticate(parts.createAuthenticator({ db, now, logger: console }), limits.failedAuthentication),
    parts.limitPrincipal(limits.principal),
  ];
  return async (key) => {
    const context: { address: string; identity?: unknown } = { address: '203.0.113.9' };
    const headers = new Map<string, unknown>();
    const res = {
      locals: { context },
      getHeader: (name: string) => headers.get(name),
      setHeader: (name: string, value: unknown) => headers.set(name, value),
    };
    const req = { method: 'GET', url: '/api/jobs', headers: { authorization: `Bearer ${key}` } };
    for (const middleware of middlewares) await middleware(req, res, () => undefined);
    const principal = parts.chooseProject(req, context.identity, true);
    if (!parts.isPermitted(principal, 'job:read')) throw new Error('a viewer may not read jobs');
  };
}

async function passAll(pass: Pass, keys: readonly string[], times: number): Promise<void> {
  let left = keys.length * times;
  const runner = async (): Promise<void> => {
    while (left > 0) await pass(keys[(left -= 1) % keys.length] ?? '');
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, runner));
}

async function newKey(world: World, n: number): Promise<string> {
  const made = (await world.call('POST', '/api/keys', { name: `gateway ${n}`, role: 'viewer' })) as { key: string };
  return made.key;
}

async function load(): Promise<Parts> {
  const files = [
    'store/database',
    'security/rate-limits',
    'security/authenticator',
    'api/middleware/rate-limit',
    'api/middleware/authenticate',
    'api/project-choice',
    'domain/permissions',
  ];
  const modules = await Promise.all(
    files.map((file) => import(pathToFileURL(path.join(projectRoot, `dist/${file}.js`)).href) as Promise<object>),
  );
  return Object.assign({}, ...modules) as Parts;
}
