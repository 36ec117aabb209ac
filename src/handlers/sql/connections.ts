import { z } from 'zod';
import { refuse } from '../shared/refuse.js';
import { tlsProblem } from './tls.js';

/** A database that jobs may use. */
export interface SqlConnection {
  /** `postgresql://user:password@host:5432/database`, with the password: never log it. */
  readonly url: string;
  /** Whether every statement runs in a read-only transaction. */
  readonly readOnly?: boolean | undefined;
  /** The most connections that one node keeps to it; 2 if not given. */
  readonly maxConnections?: number | undefined;
}

/** Connections by name, by project. The project `*` stands for all. */
export type SqlConnections = Readonly<Record<string, Readonly<Record<string, SqlConnection>>>>;

const MAX_CONNECTIONS = 20;
const EVERY_PROJECT = '*';
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;

const maxConnectionsError = `maxConnections must be a whole number from 1 to ${MAX_CONNECTIONS}`;

const connection = z.strictObject(
  {
    url: z.string({ error: 'url must be given, as a string' }).superRefine(refuse(urlProblem)),
    readOnly: z.boolean({ error: 'readOnly must be true or false' }).optional(),
    maxConnections: z
      .int({ error: maxConnectionsError })
      .min(1, { error: maxConnectionsError })
      .max(MAX_CONNECTIONS, { error: maxConnectionsError })
      .optional(),
  },
  {
    error: ({ code }) =>
      code === 'unrecognized_keys'
        ? 'it may have url, readOnly and maxConnections only'
        : 'it must be an object with a url',
  },
);

const file = z.record(
  z.string(),
  z.record(
    z.string().regex(NAME, { error: 'it must have 1 to 63 letters, digits, hyphens and underscores' }),
    connection,
    {
      error: ({ code }) =>
        code === 'invalid_key' ? 'the name of a connection is not allowed' : 'it must be an object of connections',
    },
  ),
  { error: 'it must be an object of projects' },
);

/**
 * Reads the operator's file of connections:
 * `{"<project, or * for every one>": {"<name>": {"url": "postgresql://...", "readOnly": true, "maxConnections": 5}}}`.
 *
 * @throws Error with a sentence that says where the problem is, and quotes nothing of the file, as it holds passwords
 */
export function parseSqlConnections(json: string): SqlConnections {
  const parsed = file.safeParse(jsonOf(json));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const [project, name] = issue?.path.map(String) ?? [];
  const where = [project !== undefined && `project ${project}`, name !== undefined && `connection ${name}`];
  const place = where.filter(Boolean).join(', ');
  throw new Error(
    `The file of SQL connections cannot be used: ${place}${place && ': '}${issue?.message ?? 'invalid'}.`,
  );
}

/**
 * The connections of one project, by name. A later key wins: `connectionsOf(all, slug, id)` lets what the file says for
 * the project's id override what it says for its slug, and both override what it says for every project.
 */
export function connectionsOf(all: SqlConnections, ...projectKeys: string[]): ReadonlyMap<string, SqlConnection> {
  return new Map(
    [EVERY_PROJECT, ...projectKeys].flatMap((key) => (Object.hasOwn(all, key) ? Object.entries(all[key] ?? {}) : [])),
  );
}

function jsonOf(text: string): unknown {
  let problem = '';
  try {
    return JSON.parse(text);
  } catch (error) {
    problem = String(error);
  }
  // Its place only, and no cause: the parser's message quotes the text around it.
  const place = /position \d+(?: \(line \d+ column \d+\))?/.exec(problem)?.[0];
  throw new Error(`The file of SQL connections is no JSON${place ? `, from ${place} on` : ''}.`);
}

function urlProblem(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['postgres:', 'postgresql:'].includes(url.protocol)) {
    return 'url must be such as postgresql://user:password@host:5432/database; write special characters of a password as %XX';
  }
  if (url.pathname.length < 2) return 'url must name a database: postgresql://user:password@host:5432/database';
  return tlsProblem(url);
}
