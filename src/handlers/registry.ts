import { tmpdir } from 'node:os';
import { createCommandHandler, type CommandHandlerOptions } from './command/handler.js';
import { sweepRunFolders } from './command/run-folder-sweep.js';
import { containerDefinition } from './container/definition.js';
import { createContainerHandler, type ContainerHandlerOptions } from './container/handler.js';
import { allowedDefinitions } from './definitions.js';
import { createEmailHandler, type EmailHandlerOptions } from './email/handler.js';
import type { Handler } from './handler.js';
import { createHttpHandler, type HttpHandlerOptions } from './http/handler.js';
import { createLogHandler } from './log/handler.js';
import { createSqlHandler, type SqlHandlerOptions } from './sql/handler.js';

/** The handlers of one worker. */
export interface Handlers {
  /** The handler a job names, or undefined where this worker has none of that name. */
  get(name: string): Handler | undefined;
  /**
   * Removes what workers that died have left on this machine: processes and folders of commands, containers.
   *
   * @param ended of these runs, those that are over
   */
  sweep(ended: (runIds: readonly string[]) => Promise<ReadonlySet<string>>): Promise<void>;
  /** Frees what the handlers hold (connections). Runs still going fail; so let them end first. */
  close(): Promise<void>;
}

/** What the built-in handlers need. */
export interface HandlersOptions {
  http: HttpHandlerOptions;
  email: EmailHandlerOptions;
  command: CommandHandlerOptions;
  container: ContainerHandlerOptions;
  sql: SqlHandlerOptions;
  /** Which of those that act with the rights of the node it may run: names, from CARILLON_ALLOW. */
  allow: readonly string[];
  /** Those of plugins. */
  plugins?: readonly Handler[];
}

/** Makes the handlers of a worker: the built-in ones and those of its plugins, as far as its operator allows them. */
export function createHandlers(options: HandlersOptions): Handlers {
  const http = createHttpHandler(options.http);
  const email = createEmailHandler(options.email);
  const sql = createSqlHandler(options.sql);
  const container = createContainerHandler(options.container);
  const handlers: readonly Handler[] = [
    createLogHandler(),
    http,
    email,
    createCommandHandler(options.command),
    container,
    sql,
    ...(options.plugins ?? []),
  ];
  const { definitions } = allowedDefinitions(
    handlers.map((handler) => handler.definition),
    options.allow,
  );
  const byName = new Map(
    handlers.filter(({ definition }) => definitions.has(definition.name)).map((one) => [one.definition.name, one]),
  );
  return {
    get: (name) => byName.get(name),
    async sweep(ended) {
      // Also where commands are no more allowed: what a dead worker left was allowed then.
      await sweepRunFolders(options.command.runFolders ?? tmpdir(), 0);
      if (byName.has(containerDefinition.name)) await container.sweep(ended);
    },
    async close() {
      await Promise.all([http.close(), email.close(), sql.close()]);
    },
  };
}
