import { once } from 'node:events';
import {
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
} from 'node:http';
import { Writable } from 'node:stream';
import sql from 'sql-template-tag';
import { createApp } from '../../src/api/app.js';
import { createReadiness } from '../../src/api/readiness.js';
import { DEFAULT_PROJECT_ID } from '../../src/domain/ids.js';
import type { Role } from '../../src/domain/permissions.js';
import { allowedDefinitions, builtinDefinitions } from '../../src/handlers/definitions.js';
import type { OidcConfig } from '../../src/platform/config.js';
import { listen } from '../../src/platform/http-server.js';
import { createLogger } from '../../src/platform/logging.js';
import { createMetrics } from '../../src/platform/metrics.js';
import { hashSecret, makeApiKey, writeApiKey } from '../../src/security/api-key.js';
import { createAuthenticator } from '../../src/security/authenticator.js';
import { startKeyUse } from '../../src/security/key-use.js';
import { startRateLimits, type RateLimitConfig } from '../../src/security/rate-limits.js';
import { openDatabase, type Database } from '../../src/store/database.js';
import { createTestDatabase } from '../support/database.js';
import { contractBreaches } from './contract-check.js';
import { testVault } from '../support/encryption.js';

export const OTHER_PROJECT_ID = '00000000-0000-7000-8000-000000000002';

/** A provider whose users and groups can be members; nobody ever asks it. */
export const someProvider: OidcConfig = {
  issuer: 'https://login.test',
  audience: 'https://carillon.test/api',
  groupsClaim: 'groups',
  adminGroup: undefined,
  signIn: undefined,
};

/** What the answers of the API have among them; each has a part of it. */
export interface AnswerJson {
  jobId: string;
  jobName: string;
  runId: string;
  status: string;
  executionTime: string;
  nextRunAt: string;
  scheduledFor: string;
  payload: unknown;
  lastRun: unknown;
  error: unknown;
  logs: { message: string }[];
  code: string;
  detail: string;
  traceId: string;
  quota: { name: string; limit: number; used: number };
  errors: { pointer?: string; parameter?: string; message: string }[];
}

/** An answer, whole. */
export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  /** The `Link` header's next page. */
  next: string | undefined;
  text: string;
  /** The object answered; empty when it was none. */
  json: AnswerJson;
  /** The array answered; empty when it was none. */
  list: AnswerJson[];
}

export interface CallOptions {
  /** A written key; null for none at all; the admin's when left out. */
  key?: string | null;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is. */
  raw?: string | Buffer;
  headers?: Record<string, string>;
}

export interface TestApi {
  readonly url: string;
  readonly databaseUrl: string;
  readonly db: Database;
  /** All log lines so far, parsed. */
  readonly logLines: Record<string, unknown>[];
  /** How often something was committed that is to be dispatched. */
  readonly commits: () => number;
  /** Sets the API's clock forward, in milliseconds. */
  advance(ms: number): void;
  /** Sends a request; the path goes out exactly as given. Throws when the answer is not as the OpenAPI document has it. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** Submits a job that is valid but for `fields`, and returns its id. */
  submit(fields?: Record<string, unknown>, key?: string): Promise<string>;
  makeKey(
    role: Role,
    options?: { projectId?: string; expiresAt?: Date; revokedAt?: Date; isInstanceAdmin?: boolean },
  ): Promise<string>;
  /** Writes down when keys were used, as the server does from time to time. */
  writeKeyUse(): Promise<void>;
  close(): Promise<void>;
}

/** The API over real HTTP, on a database of its own. Nothing dispatches what is submitted. */
export async function startTestApi(
  options: {
    isTemporalReachable?: () => boolean | Promise<boolean>;
    /** Which handlers that act with the rights of a node there are. */
    allow?: readonly string[];
    /** The OIDC provider, for an API at this URL. */
    oidc?: (url: string) => OidcConfig;
    /** For how long what is read of keys, members and sessions is kept, in milliseconds. */
    cacheTtlMs?: number;
    /** Requests a minute; none is limited where this is left out. */
    rateLimits?: Partial<RateLimitConfig>;
    trustedProxies?: readonly string[];
    /** Another API, on whose database this one is, too. */
    beside?: TestApi;
    corsOrigins?: readonly string[];
    isHttps?: boolean;
  } = {},
): Promise<TestApi> {
  const databaseUrl = options.beside?.databaseUrl ?? (await createTestDatabase()).url;
  const db = openDatabase({ url: databaseUrl, maxConnections: 5, applicationName: 'test' });
  await db.query(
    sql`insert into projects (id, slug, name) values (${OTHER_PROJECT_ID}, 'other', 'Other') on conflict do nothing`,
  );
  let advancedMs = 0;
  let commits = 0;
  const clock = { now: () => Date.now() + advancedMs };
  const logLines: Record<string, unknown>[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString().trimEnd().split('\n'))
        logLines.push(JSON.parse(line) as Record<string, unknown>);
      done();
    },
  });
  const logger = createLogger({ service: 'test', level: 'debug' }, sink);
  const keyUse = startKeyUse({ db, now: clock.now, logger });
  const rateLimits = startRateLimits(
    { principal: 0, address: 0, failedAuthentications: 1_000_000, store: 'memory', ...options.rateLimits },
    { db, now: clock.now, logger },
  );
  // Its address is known before the application: the provider is told where to send browsers back to.
  const server = await listen((req, res) => app(req, res), { host: '127.0.0.1', port: 0, portVariable: 'PORT' });
  const app: RequestListener = createApp({
    commands: {
      db,
      vault: testVault,
      clock,
      ...allowedDefinitions(builtinDefinitions, options.allow ?? []),
      onCommitted: () => (commits += 1),
    },
    authenticator: createAuthenticator({
      db,
      now: clock.now,
      logger,
      oidc: options.oidc?.(server.url),
      providerCoolDownMs: 50,
      ...(options.cacheTtlMs !== undefined && { cacheTtlMs: options.cacheTtlMs }),
      onUsed: keyUse.note,
    }),
    rateLimits,
    trustedProxies: options.trustedProxies ?? [],
    logger,
    metrics: createMetrics(),
    readiness: createReadiness({
      db,
      now: clock.now,
      isTemporalReachable: async () => options.isTemporalReachable?.() ?? true,
    }),
    version: '0.0.0-test',
    corsOrigins: options.corsOrigins ?? [],
    isHttps: options.isHttps ?? false,
  });

  const makeKey: TestApi['makeKey'] = async (
    role,
    { projectId = DEFAULT_PROJECT_ID, expiresAt, revokedAt, isInstanceAdmin = false } = {},
  ) => {
    const key = makeApiKey();
    await db.query(sql`insert into api_keys (id, project_id, name, secret_hash, role, expires_at, revoked_at, instance_admin)
      values (${key.id}, ${projectId}, 'test', ${hashSecret(key.secret)}, ${role}, ${expiresAt ?? null}, ${revokedAt ?? null},
        ${isInstanceAdmin})`);
    return writeApiKey(key);
  };
  const adminKey = await makeKey('admin');

  const call: TestApi['call'] = (method, path, given = {}) =>
    send(server.url, method, path, { ...given, key: given.key === undefined ? adminKey : given.key });
  return {
    url: server.url,
    databaseUrl,
    db,
    logLines,
    commits: () => commits,
    advance: (ms) => void (advancedMs += ms),
    call,
    makeKey,
    writeKeyUse: () => keyUse.write(),
    async submit(fields = {}, key = adminKey) {
      const body = { jobName: 'Report', jobType: 'one-time', executionTime: '2099-01-01T00:00:00Z', ...fields };
      const answer = await call('POST', '/api/jobs', { body, key });
      if (answer.status !== 201) throw new Error(`not submitted: ${answer.text}`);
      return answer.json.jobId;
    },
    async close() {
      await server.stop(0);
      rateLimits.stop();
      await keyUse.stop().catch(() => undefined);
      await db.close().catch(() => undefined);
    },
  };
}

async function send(base: string, method: string, path: string, options: CallOptions): Promise<Answer> {
  const { hostname, port } = new URL(base);
  const payload = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
  const headers: Record<string, string> = {
    ...(options.key ? { authorization: `Bearer ${options.key}` } : {}),
    ...(payload === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': `${Buffer.byteLength(payload)}` }),
    ...options.headers,
  };
  for (const [name, value] of Object.entries(headers)) if (value === '') delete headers[name];
  const req = httpRequest({ hostname, port, method, path, headers, agent: false });
  req.end(payload);
  const [res] = (await once(req, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of res) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const breaches = contractBreaches(method, path, { status: res.statusCode ?? 0, headers: res.headers, text });
  if (breaches.length > 0) throw new Error(breaches.join('\n'));
  const isJson = /[/+]json/.test(res.headers['content-type'] ?? '') && text !== '';
  const json: unknown = isJson ? JSON.parse(text) : {};
  return {
    status: res.statusCode ?? 0,
    headers: res.headers,
    next: /^<([^>]+)>; rel="next"$/.exec(res.headers['link']?.toString() ?? '')?.[1],
    text,
    json: (Array.isArray(json) ? {} : json) as AnswerJson,
    list: (Array.isArray(json) ? json : []) as AnswerJson[],
  };
}

/** All that the database holds of jobs: to see that a refused request changed nothing. */
export async function contentsOf(db: Database): Promise<unknown> {
  return db.query(sql`select (select json_agg(j order by id) from jobs j) as jobs, (select json_agg(r order by id) from runs r) as runs,
    (select json_agg(e order by id) from events e) as events`);
}
