import type { z } from 'zod';
import { common, handlerVariables, readElsewhere, serverVariables, workerVariables } from './config-variables.js';
import { oidcConfig, oidcProblems, type OidcConfig } from './oidc-config.js';

export type { OidcConfig };

/**
 * The one reader of the environment: what each entry needs, checked once at its start. docs/configuration.md tells
 * users of each variable. A secret has no default.
 */

/** What is wrong with the environment, a sentence for each variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly sentences: readonly string[]) {
    super(sentences.join('\n'));
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where Temporal is. The TLS fields are paths of PEM files; any of them turns TLS on. */
export interface TemporalConfig {
  address: string;
  namespace: string;
  tls: { ca?: string | undefined; cert?: string | undefined; key?: string | undefined } | undefined;
}

/** Where the instance keys are: in a text, or in a file. */
export type EncryptionKeysConfig = { text: string } | { file: string };

export interface CommonConfig {
  encryptionKeys: EncryptionKeysConfig;
  databaseUrl: string;
  databaseConnections: number;
  temporal: TemporalConfig;
  shutdownGraceMs: number;
  logLevel: string;
  /** Sentences to log: what is set but means nothing. */
  warnings: readonly string[];
}

/** Which handlers there are besides those that come with Carillon and that anybody may use. */
export interface HandlersConfig {
  /** Names of handlers that act with the rights of a node. */
  allow: readonly string[];
  /** Packages, or folders. */
  plugins: readonly string[];
}

export interface ServerConfig extends CommonConfig, HandlersConfig {
  port: number;
  host: string;
  adminKey: string | undefined;
  adminKeyFile: string | undefined;
  /** Undefined: API keys are the only credentials. */
  oidc: OidcConfig | undefined;
  /** Requests a minute, of a principal and of an address (0: any number), and where they are counted. */
  rateLimits: { principal: number; address: number; store: 'memory' | 'postgres' };
  /** Addresses and CIDRs of the proxies whose `X-Forwarded-For` counts. */
  trustedProxies: readonly string[];
  /** Paths of the PEM files to speak HTTPS by; undefined: HTTP. */
  tls: { cert: string; key: string } | undefined;
  corsOrigins: readonly string[];
}

export interface WorkerConfig extends CommonConfig, HandlersConfig {
  role: 'scheduler' | 'executor' | 'all';
  /** Whether one build of the workflow code alone gets the workflow tasks. */
  workerVersioning: boolean;
  pools: readonly string[];
  /** Runs that may be under way at once on this node. */
  concurrency: number;
  /** Above these, in percent, the node takes no further run. */
  limits: { memory: number; cpu: number };
  /** What `http` jobs may reach besides public addresses, as written. */
  httpAllow: string;
  /** How many requests of `http` jobs may go to one host at once, and how many a second. */
  httpHostLimits: { concurrency: number; perSecond: number };
  smtpUrl: string | undefined;
  mailFrom: string | undefined;
  command: { path?: string; runFolders?: string; uid?: number; gid?: number };
  container: { dockerHost?: string; allowedImages: readonly string[] };
  /** What the processes of plugins get: variables, and how much memory, in MiB. */
  pluginProcess: { env: Readonly<Record<string, string>>; memoryLimitMb: number };
  /** The path of the file that names the databases of `sql` jobs. */
  sqlConnectionsFile: string | undefined;
  /** Where health and metrics are served; undefined: nowhere. */
  healthPort: number | undefined;
  host: string;
}

/** What the API server needs; throws a ConfigError. */
export function readServerConfig(env: Environment = process.env): ServerConfig {
  const read = parse(serverVariables, env);
  const { CARILLON_TLS_CERT: cert, CARILLON_TLS_KEY: key } = read;
  return {
    ...commonConfig(read, env),
    ...handlersConfig(read),
    port: read.PORT,
    host: read.HOST,
    adminKey: read.CARILLON_ADMIN_KEY,
    adminKeyFile: read.CARILLON_ADMIN_KEY_FILE,
    oidc: oidcConfig(read),
    rateLimits: {
      principal: read.CARILLON_RATE_LIMIT,
      address: read.CARILLON_RATE_LIMIT_ADDRESS,
      store: read.CARILLON_RATE_LIMIT_STORE,
    },
    trustedProxies: read.CARILLON_TRUSTED_PROXIES,
    tls: cert !== undefined && key !== undefined ? { cert, key } : undefined,
    corsOrigins: read.CARILLON_CORS_ORIGINS,
  };
}

/** What a worker needs; throws a ConfigError. */
export function readWorkerConfig(env: Environment = process.env): WorkerConfig {
  const read = parse(workerVariables, env);
  return {
    ...commonConfig(read, env),
    ...handlersConfig(read),
    role: read.CARILLON_ROLE,
    workerVersioning: read.CARILLON_WORKER_VERSIONING === 'on',
    pools: read.CARILLON_POOLS,
    concurrency: read.CARILLON_CONCURRENCY,
    limits: { memory: read.CARILLON_MAX_MEMORY, cpu: read.CARILLON_MAX_CPU },
    httpAllow: read.CARILLON_HTTP_ALLOW,
    httpHostLimits: {
      concurrency: read.CARILLON_HTTP_HOST_CONCURRENCY,
      perSecond: read.CARILLON_HTTP_HOST_PER_SECOND,
    },
    smtpUrl: read.SMTP_URL,
    mailFrom: read.CARILLON_MAIL_FROM,
    command: {
      ...withValue('path', read.CARILLON_COMMAND_PATH),
      ...withValue('runFolders', read.CARILLON_COMMAND_RUN_FOLDERS),
      ...withValue('uid', read.CARILLON_COMMAND_UID || undefined),
      ...withValue('gid', read.CARILLON_COMMAND_GID || undefined),
    },
    container: {
      ...withValue('dockerHost', read.CARILLON_DOCKER_HOST),
      allowedImages: read.CARILLON_CONTAINER_IMAGES,
    },
    pluginProcess: {
      env: variablesOf(env, ['PATH', 'LANG', ...read.CARILLON_PLUGIN_ENV]),
      memoryLimitMb: read.CARILLON_PLUGIN_MEMORY_MB,
    },
    sqlConnectionsFile: read.CARILLON_SQL_CONNECTIONS_FILE,
    healthPort: read.CARILLON_WORKER_PORT || undefined,
    host: read.HOST,
  };
}

function variablesOf(env: Environment, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

function handlersConfig(read: z.output<z.ZodObject<typeof handlerVariables>>): HandlersConfig {
  return { allow: read.CARILLON_ALLOW, plugins: read.CARILLON_PLUGINS };
}

function withValue<Key extends string, T>(key: Key, value: T | undefined): { [K in Key]?: T } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]: T });
}

function commonConfig(read: z.output<z.ZodObject<typeof common>>, env: Environment): CommonConfig {
  const { TEMPORAL_TLS_CA: ca, TEMPORAL_TLS_CERT: cert, TEMPORAL_TLS_KEY: key } = read;
  return {
    encryptionKeys: encryptionKeysOf(read),
    databaseUrl: read.DATABASE_URL,
    databaseConnections: read.CARILLON_DATABASE_CONNECTIONS,
    temporal: {
      address: read.TEMPORAL_ADDRESS,
      namespace: read.TEMPORAL_NAMESPACE,
      tls: (ca ?? cert ?? key) === undefined ? undefined : { ca, cert, key },
    },
    shutdownGraceMs: read.CARILLON_SHUTDOWN_GRACE,
    logLevel: read.LOG_LEVEL,
    warnings: unknownVariables(env).map((name) => `${name} is set, but there is no such variable: it changes nothing.`),
  };
}

function encryptionKeysOf(
  read: Pick<z.output<z.ZodObject<typeof common>>, 'CARILLON_ENCRYPTION_KEYS' | 'CARILLON_ENCRYPTION_KEYS_FILE'>,
): EncryptionKeysConfig {
  const { CARILLON_ENCRYPTION_KEYS: text, CARILLON_ENCRYPTION_KEYS_FILE: file = '' } = read;
  return text === undefined ? { file } : { text };
}

function parse<Schema extends z.ZodType>(schema: Schema, env: Environment): z.output<Schema> {
  // An empty value is how compose files and shells write "not given".
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const parsed = schema.safeParse(given);
  const sentences = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}.`);
  for (const [cert, key] of [
    ['TEMPORAL_TLS_CERT', 'TEMPORAL_TLS_KEY'],
    ['CARILLON_TLS_CERT', 'CARILLON_TLS_KEY'],
  ] as const) {
    if ((given[cert] === undefined) !== (given[key] === undefined)) {
      sentences.push(`${cert} and ${key} must be given together.`);
    }
  }
  sentences.push(...oidcProblems(given));
  if ((given['CARILLON_ENCRYPTION_KEYS'] === undefined) === (given['CARILLON_ENCRYPTION_KEYS_FILE'] === undefined)) {
    sentences.push('One of CARILLON_ENCRYPTION_KEYS and CARILLON_ENCRYPTION_KEYS_FILE must be given.');
  }
  if (!parsed.success || sentences.length > 0) throw new ConfigError(sentences);
  return parsed.data;
}

function unknownVariables(env: Environment): string[] {
  const known = new Set([
    ...Object.keys(serverVariables.shape),
    ...Object.keys(workerVariables.shape),
    ...readElsewhere,
  ]);
  return Object.keys(env).filter((name) => name.startsWith('CARILLON_') && !known.has(name));
}
