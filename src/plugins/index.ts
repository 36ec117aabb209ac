/** Handlers that come as packages: what they are, and what runs them. */
export { describePayload } from './describe-payload.js';
export { createIsolatedHandler, type HandlerModule, type IsolationOptions } from './isolated-handler.js';
export { loadPluginDefinitions, type Plugin } from './load-definitions.js';
export { loadPluginHandlers } from './load-handlers.js';
export { PluginError } from './plugin-error.js';
