import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** The project's folder, from `dist/platform/embedded/`. */
export const projectRoot = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '');

function port(variable: string) {
  const sentence = `${variable} must be a whole number from 1 to 65535.`;
  return z
    .string()
    .regex(/^\d{1,5}$/, sentence)
    .transform(Number)
    .refine((value) => value >= 1 && value <= 65_535, sentence);
}

const schema = z.object({
  PORT: port('PORT').default(8080),
  HOST: z.string().default('127.0.0.1'),
  DATABASE_URL: z.string().optional(),
  POSTGRES_PORT: port('POSTGRES_PORT').optional(),
  TEMPORAL_ADDRESS: z.string().optional(),
  TEMPORAL_NAMESPACE: z.string().default('default'),
  TEMPORAL_PORT: port('TEMPORAL_PORT').default(7233),
  TEMPORAL_UI_PORT: port('TEMPORAL_UI_PORT').default(8233),
  CARILLON_ADMIN_KEY: z.string().optional(),
  CARILLON_DATA_DIR: z.string().default('.carillon'),
  npm_lifecycle_event: z.string().optional(),
  CARILLON_CACHE_DIR: z.string().default('.cache'),
});

/** What `npm start` needs to know. The API and the worker read their own, from the environment it hands them. */
export interface DevConfig {
  /** Where the API listens. */
  host: string;
  port: number;
  /** A Postgres to use instead of the embedded one. */
  databaseUrl: string | undefined;
  /** Undefined: any free one. */
  postgresPort: number | undefined;
  /** A Temporal to use instead of the embedded one. */
  temporalAddress: string | undefined;
  temporalNamespace: string;
  temporalPort: number;
  temporalUiPort: number;
  hasOwnAdminKey: boolean;
  /** By `npm start`, so that our parent is npm. */
  isRunByNpm: boolean;
  /** Absolute. Holds all embedded state. */
  dataDir: string;
  /** Absolute. Holds what was downloaded. */
  cacheDir: string;
  /** All of it, to hand on. */
  env: NodeJS.ProcessEnv;
}

/** @throws Error with one sentence a line for all that is wrong with the environment. */
export function readDevConfig(env: NodeJS.ProcessEnv = process.env): DevConfig {
  // A variable that is set to nothing counts as not set: that is how a compose file or a shell leaves one out.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const read = schema.safeParse(given);
  if (!read.success) throw new Error(read.error.issues.map(({ message }) => message).join('\n'));
  const values = read.data;
  return {
    host: values.HOST,
    port: values.PORT,
    databaseUrl: values.DATABASE_URL,
    postgresPort: values.POSTGRES_PORT,
    temporalAddress: values.TEMPORAL_ADDRESS,
    temporalNamespace: values.TEMPORAL_NAMESPACE,
    temporalPort: values.TEMPORAL_PORT,
    temporalUiPort: values.TEMPORAL_UI_PORT,
    hasOwnAdminKey: values.CARILLON_ADMIN_KEY !== undefined,
    isRunByNpm: values.npm_lifecycle_event === 'start',
    dataDir: path.resolve(projectRoot, values.CARILLON_DATA_DIR),
    cacheDir: path.resolve(projectRoot, values.CARILLON_CACHE_DIR),
    env,
  };
}
