import { readFileSync } from 'node:fs';
import { LRUCache } from 'lru-cache';
import { parseAllowList } from './handlers/http/allow-list.js';
import { createHandlers, type Handlers } from './handlers/registry.js';
import type { Handler } from './handlers/handler.js';
import { connectionsOf, parseSqlConnections, type SqlConnections } from './handlers/sql/connections.js';
import type { WorkerConfig } from './platform/config.js';
import { version } from './platform/version.js';
import { openSigningKey } from './security/encryption/signing-key.js';
import type { Vault } from './security/encryption/vault.js';
import type { Database } from './store/database.js';
import { readProjectSlug } from './store/projects.js';
import { readSigningKeys } from './store/signing-keys.js';

/** For so long a key that was replaced still signs, and a project's name is remembered, in milliseconds. */
const REMEMBERED_MS = 5_000;
const PROJECTS_REMEMBERED = 1_000;

type HandlersConfig = Pick<
  WorkerConfig,
  'allow' | 'httpAllow' | 'httpHostLimits' | 'smtpUrl' | 'mailFrom' | 'command' | 'container' | 'sqlConnectionsFile'
>;

/**
 * The handlers of a worker, from its configuration.
 *
 * @param parts.node a name for this process, which it leaves on its containers
 * @throws Error with a sentence that names the variable that is wrong
 */
export function handlersOf(
  config: HandlersConfig,
  parts: { db: Database; vault: Vault; now: () => number; node: string; plugins?: readonly Handler[] },
): Handlers {
  const { db, vault, now, node, plugins = [] } = parts;
  const remembered = { max: PROJECTS_REMEMBERED, ttl: REMEMBERED_MS };
  const keys = new LRUCache<string, readonly Buffer[]>({
    ...remembered,
    fetchMethod: (projectId) =>
      readSigningKeys(db, projectId, now()).then((all) => all.map((one) => openSigningKey(vault, projectId, one))),
  });
  const slugs = new LRUCache<string, string>({ ...remembered, fetchMethod: (id) => readProjectSlug(db, id) });
  const connections = sqlConnections(config.sqlConnectionsFile);
  const connectionsFor = async (projectId: string) => {
    const slug = await slugs.fetch(projectId);
    return connectionsOf(connections, ...(slug === undefined ? [] : [slug]), projectId);
  };
  return createHandlers({
    http: {
      allowList: parseAllowList(config.httpAllow),
      userAgent: `Carillon/${version}`,
      hostLimits: config.httpHostLimits,
      signingKeys: async (projectId) => (await keys.fetch(projectId)) ?? [],
    },
    email: {
      ...(config.smtpUrl === undefined ? {} : { smtpUrl: config.smtpUrl }),
      ...(config.mailFrom === undefined ? {} : { from: config.mailFrom }),
    },
    command: config.command,
    container: { ...config.container, node },
    sql: {
      connectionOf: async (projectId, name) => (await connectionsFor(projectId)).get(name),
      names: async (projectId) => [...(await connectionsFor(projectId)).keys()],
    },
    allow: config.allow,
    plugins,
  });
}

/** Reads what the configuration says of handlers as a worker would; throws an Error with a sentence. Starts nothing. */
export function checkHandlers(config: HandlersConfig): void {
  parseAllowList(config.httpAllow);
  sqlConnections(config.sqlConnectionsFile);
}

function sqlConnections(file: string | undefined): SqlConnections {
  if (file === undefined) return {};
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`CARILLON_SQL_CONNECTIONS_FILE names a file that can't be read: ${file}.`, { cause: error });
  }
  return parseSqlConnections(text);
}
