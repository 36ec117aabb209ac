import type { Handler } from './handler.js';
import type { AllowList } from './http/allow-list.js';
import { createHttpHandler } from './http/handler.js';
import { createLogHandler } from './log/handler.js';

/** The handlers of one worker. */
export interface Handlers {
  /** The handler a job names, or undefined where this worker has none of that name. */
  get(name: string): Handler | undefined;
  /** Frees what the handlers hold (connections). Runs still going fail; so let them end first. */
  close(): Promise<void>;
}

/**
 * Makes every built-in handler.
 *
 * @param options.httpAllow what `http` may reach besides public addresses, from `parseAllowList(CARILLON_HTTP_ALLOW)`
 * @param options.userAgent sent by `http` jobs; the composition root knows the version: `Carillon/1.2.3`
 */
export function createHandlers(options: { httpAllow: AllowList; userAgent?: string }): Handlers {
  const http = createHttpHandler({ allowList: options.httpAllow, userAgent: options.userAgent ?? 'Carillon' });
  const handlers: readonly Handler[] = [createLogHandler(), http];
  const byName = new Map(handlers.map((handler) => [handler.definition.name, handler]));
  return {
    get: (name) => byName.get(name),
    close: () => http.close(),
  };
}
