import type { Handler, HandlerDefinition } from '../handlers/handler.js';
import { importHandlers } from './exported-list.js';
import { childOptions, createIsolatedHandler, type IsolationOptions } from './isolated-handler.js';
import { runIsolated } from './isolated-run.js';
import type { Plugin } from './load-definitions.js';
import { PluginError, whyNotLoaded } from './plugin-error.js';
import { provideHandlerModule } from './provide-handler-module.js';

/** How long the handlers of a plugin may take to load when a worker starts, in milliseconds. */
const LOAD_TIMEOUT_MS = 30_000;

/** What Node says of an import, and of a require. */
const LACKS_CARILLON = /Cannot find (?:package 'carillon'|module 'carillon\/handler')/;

const isIsolated = ({ isolated }: HandlerDefinition): boolean => isolated !== false;

/**
 * Makes the handlers of the plugins, one for each definition. Code of isolated handlers is loaded in a child, now to see
 * that it can be, and again for each run; only that of `isolated: false` gets into this process.
 *
 * @throws PluginError for the first thing that is wrong
 */
export async function loadPluginHandlers(plugins: readonly Plugin[], options: IsolationOptions): Promise<Handler[]> {
  const handlers: Handler[] = [];
  for (const plugin of plugins) handlers.push(...(await handlersOf(plugin, options)));
  return handlers;
}

async function handlersOf(plugin: Plugin, options: IsolationOptions): Promise<Handler[]> {
  const { definitions } = plugin;
  // First where it can do no harm.
  const checked = definitions.some(isIsolated) ? await checkInChild(plugin, options) : undefined;
  if (checked) matchNames(plugin, checked.names);
  const here = definitions.every(isIsolated) ? [] : await importHere(plugin);
  return definitions.map((definition) => {
    if (isIsolated(definition)) return createIsolatedHandler(definition, { ...plugin, ...checked }, options);
    const handler = here.find((candidate) => candidate.definition.name === definition.name);
    if (!handler) throw missing(plugin, definition.name);
    return { definition, run: (context, payload) => handler.run(context, payload) };
  });
}

async function importHere(plugin: Plugin): Promise<Handler[]> {
  provideHandlerModule(plugin.handlersFile);
  const handlers = await importHandlers(plugin.handlersFile).catch((error: unknown) => {
    throw new PluginError(plugin.specifier, plugin.handlersFile, `${whyNotLoaded(error, plugin.handlersFile)}.`, error);
  });
  matchNames(
    plugin,
    handlers.map(({ definition }) => definition.name),
  );
  return handlers;
}

/** The names of the handlers, by a child that loads them, and whether `carillon/handler` has to be provided for that. */
async function checkInChild(plugin: Plugin, options: IsolationOptions) {
  try {
    return { names: await namesInChild(plugin, options, false), providesCarillon: false };
  } catch (error) {
    if (!LACKS_CARILLON.test((error as PluginError).message)) throw error;
    return { names: await namesInChild(plugin, options, true), providesCarillon: true };
  }
}

async function namesInChild(plugin: Plugin, options: IsolationOptions, providesCarillon: boolean): Promise<string[]> {
  const { specifier, folder, handlersFile } = plugin;
  let lastWords = '';
  try {
    const names = await runIsolated({
      child: childOptions(options, folder, ['check', specifier]),
      request: { type: 'check', module: { handlersFile, providesCarillon } },
      signal: AbortSignal.timeout(LOAD_TIMEOUT_MS),
      abortGraceMs: 0,
      hear: () => undefined,
      onOutput: (_stream, line) => void (lastWords = line),
    });
    return names as string[];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // What could not be loaded is named with its file already.
    const why = reason.startsWith(`${handlersFile}: `) ? reason.slice(handlersFile.length + 2) : reason;
    const more = lastWords === '' ? '' : ` Its last words: ${lastWords}`;
    throw new PluginError(specifier, handlersFile, `${why}${more}`, error);
  }
}

function matchNames(plugin: Plugin, names: readonly string[]): void {
  const defined = plugin.definitions.map(({ name }) => name);
  const lacking = defined.find((name) => !names.includes(name));
  if (lacking !== undefined) throw missing(plugin, lacking);
  const { specifier, handlersFile } = plugin;
  const extra = names.find((name, index) => !defined.includes(name) || names.indexOf(name) !== index);
  if (extra === undefined) return;
  const why = defined.includes(extra) ? 'twice' : 'that its definitions do not name';
  throw new PluginError(specifier, handlersFile, `it has a handler ${JSON.stringify(extra)} ${why}.`);
}

const missing = ({ specifier, handlersFile }: Plugin, name: string): PluginError =>
  new PluginError(specifier, handlersFile, `it has no handler for the definition ${JSON.stringify(name)}.`);
