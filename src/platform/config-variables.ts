/** Each variable of the environment and what it may be; a secret has no default. docs/configuration.md tells users of them. */
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { duration, POOL_NAME } from '../contract/values.js';
import { oidcVariables } from './oidc-config.js';

const MINUTE_MS = 60_000;

const wholeNumber = (min: number, max: number, byDefault: number) => {
  const expected = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max, expected)
    .transform(Number)
    .default(byDefault);
};

const list = (byDefault: string[]) =>
  z
    .string()
    .transform((text) => text.split(',').flatMap((part) => part.trim() || []))
    .default(byDefault);

const port = (byDefault: number) => wholeNumber(0, 65_535, byDefault);

const HANDLER_NAME = /^[a-z][a-z0-9-]{0,63}$/;

/** Of the API and of the workers. */
export const common = {
  DATABASE_URL: z
    .string('must be given: the URL of a Postgres, such as postgresql://user:password@host:5432/carillon')
    .refine(
      (text) => URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol),
      'must be a postgresql:// URL',
    ),
  CARILLON_DATABASE_CONNECTIONS: wholeNumber(2, 1_000, 20),
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^[^\s/]+:\d{1,5}$/, 'must be host:port, such as 127.0.0.1:7233')
    .default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().default('default'),
  TEMPORAL_TLS_CA: z.string().optional(),
  TEMPORAL_TLS_CERT: z.string().optional(),
  TEMPORAL_TLS_KEY: z.string().optional(),
  CARILLON_ENCRYPTION_KEYS: z.string().optional(),
  CARILLON_ENCRYPTION_KEYS_FILE: z.string().optional(),
  CARILLON_SHUTDOWN_GRACE: duration({ minMs: 0, maxMs: 60 * MINUTE_MS, example: 'PT30S' }).default(30_000),
  LOG_LEVEL: z
    .enum(
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      'must be trace, debug, info, warn, error, fatal or silent',
    )
    .default('info'),
};

/** What handlers there are: of the API, which checks what is submitted, and of the workers. */
export const handlerVariables = {
  CARILLON_ALLOW: list([]).refine(
    (names) => names.every((name) => HANDLER_NAME.test(name)),
    'must be names of handlers, separated by commas, such as command,sql',
  ),
  CARILLON_PLUGINS: list([]),
};

const isAddress = (text: string) => ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);

const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Of the API. */
export const serverVariables = z.object({
  ...common,
  ...handlerVariables,
  PORT: port(8080),
  HOST: z.string().default('127.0.0.1'),
  CARILLON_ADMIN_KEY: z.string().optional(),
  CARILLON_ADMIN_KEY_FILE: z.string().optional(),
  ...oidcVariables,
  CARILLON_RATE_LIMIT: wholeNumber(0, 100_000_000, 6_000),
  CARILLON_RATE_LIMIT_ADDRESS: wholeNumber(0, 100_000_000, 30_000),
  CARILLON_RATE_LIMIT_STORE: z.enum(['memory', 'postgres'], 'must be memory or postgres').default('postgres'),
  CARILLON_TRUSTED_PROXIES: list([]).refine(
    (proxies) => proxies.every((text) => ipaddr.isValidCIDR(text) || isAddress(text)),
    'must be addresses and CIDRs, separated by commas, such as 10.0.0.0/8,192.0.2.7',
  ),
  CARILLON_TLS_CERT: z.string().optional(),
  CARILLON_TLS_KEY: z.string().optional(),
  CARILLON_CORS_ORIGINS: list([]).refine(
    (origins) => origins.every(isOrigin),
    'must be origins, separated by commas, each as a browser sends it, such as https://console.example.com; * is not taken',
  ),
});

/** Whether a text is an origin exactly as browsers write it: nothing else would ever match. */
function isOrigin(text: string): boolean {
  return /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

/** Of the workers. */
export const workerVariables = z.object({
  ...common,
  ...handlerVariables,
  CARILLON_WORKER_VERSIONING: z.enum(['on', 'off'], 'must be on or off').default('on'),
  CARILLON_ROLE: z.enum(['scheduler', 'executor', 'all'], 'must be scheduler, executor or all').default('all'),
  CARILLON_POOLS: list(['default']).refine(
    (names) => names.length > 0 && names.every((name) => POOL_NAME.test(name)),
    'must be names of lower case letters, digits and "-", separated by commas',
  ),
  CARILLON_CONCURRENCY: wholeNumber(1, 10_000, 100),
  CARILLON_MAX_MEMORY: wholeNumber(1, 100, 90),
  CARILLON_MAX_CPU: wholeNumber(1, 100, 95),
  CARILLON_HTTP_ALLOW: z.string().default(''),
  CARILLON_HTTP_HOST_CONCURRENCY: wholeNumber(1, 10_000, 20),
  CARILLON_HTTP_HOST_PER_SECOND: wholeNumber(1, 10_000, 50),
  SMTP_URL: z.string().optional(),
  CARILLON_MAIL_FROM: z.string().optional(),
  CARILLON_COMMAND_PATH: z.string().optional(),
  CARILLON_COMMAND_RUN_FOLDERS: z.string().optional(),
  CARILLON_COMMAND_UID: wholeNumber(1, 999_999_999, 0),
  CARILLON_COMMAND_GID: wholeNumber(1, 999_999_999, 0),
  CARILLON_DOCKER_HOST: z.string().optional(),
  CARILLON_CONTAINER_IMAGES: list([]),
  CARILLON_SQL_CONNECTIONS_FILE: z.string().optional(),
  CARILLON_PLUGIN_MEMORY_MB: wholeNumber(16, 1_000_000, 256),
  CARILLON_PLUGIN_ENV: list([]).refine(
    (names) => names.every((name) => VARIABLE_NAME.test(name)),
    'must be names of variables, separated by commas',
  ),
  CARILLON_WORKER_PORT: port(0),
  HOST: z.string().default('127.0.0.1'),
});

/** Variables that other parts of Carillon read: the embedded set-up, and the container images. */
export const readElsewhere = ['CARILLON_DATA_DIR', 'CARILLON_CACHE_DIR'];
