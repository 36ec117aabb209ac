import { fileURLToPath } from 'node:url';
import type { HandlerDefinition } from '../handlers/handler.js';
import { definitionProblem } from './definition-rules.js';
import { exportedList } from './exported-list.js';
import { entryOf, findPlugin } from './package-entry.js';
import { PluginError, whyNotLoaded } from './plugin-error.js';

/** A plugin whose definitions are loaded and sound. */
export interface Plugin {
  /** As the operator names it: a package, or a path. */
  readonly specifier: string;
  readonly folder: string;
  readonly definitions: readonly HandlerDefinition[];
  readonly definitionsFile: string;
  /** Not loaded yet: only what executes does that. */
  readonly handlersFile: string;
}

/** Packages that are installed beside Carillon itself are found, too. */
const ownFolder = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Loads what the plugins say of their handlers, in the order given.
 *
 * @param specifiers packages or folders, from CARILLON_PLUGINS
 * @param options.from the folder that packages and relative paths are looked up from: the process's working directory
 * @param options.taken the names of the built-in handlers
 * @throws PluginError for the first thing that is wrong
 */
export async function loadPluginDefinitions(
  specifiers: readonly string[],
  { from, taken }: { from: string; taken: Iterable<string> },
): Promise<Plugin[]> {
  const owners = new Map<string, string>([...taken].map((name) => [name, 'Carillon itself']));
  const plugins: Plugin[] = [];
  for (const specifier of specifiers) {
    const plugin = await loadOne(specifier, from);
    if (plugins.some(({ folder }) => folder === plugin.folder))
      throw new PluginError(specifier, plugin.folder, 'it is listed twice.');
    for (const { name } of plugin.definitions) claimName(owners, name, plugin);
    plugins.push(plugin);
  }
  return plugins;
}

async function loadOne(specifier: string, from: string): Promise<Plugin> {
  const folder = findPlugin(specifier, [from, ownFolder]);
  const definitionsFile = entryOf(specifier, folder, 'definitions');
  const handlersFile = entryOf(specifier, folder, 'handlers');
  const definitions = await exportedList(definitionsFile, 'definitions').catch((error: unknown) => {
    throw new PluginError(specifier, definitionsFile, `${whyNotLoaded(error, definitionsFile)}.`, error);
  });
  if (!definitions) throw new PluginError(specifier, definitionsFile, 'it exports no list "definitions".');
  for (const [index, given] of definitions.entries()) {
    const problem = definitionProblem(given);
    if (problem !== undefined)
      throw new PluginError(specifier, definitionsFile, `in ${labelOf(given, index)} ${problem}.`);
  }
  return { specifier, folder, definitionsFile, handlersFile, definitions: definitions as HandlerDefinition[] };
}

function claimName(owners: Map<string, string>, name: string, { specifier, definitionsFile }: Plugin): void {
  const owner = owners.get(name);
  if (owner !== undefined) {
    const whose = owner === specifier ? 'defined twice' : `of ${owner} already`;
    throw new PluginError(specifier, definitionsFile, `the handler name ${JSON.stringify(name)} is ${whose}.`);
  }
  owners.set(name, specifier);
}

function labelOf(given: unknown, index: number): string {
  const name = given !== null && typeof given === 'object' ? (given as { name?: unknown }).name : undefined;
  return typeof name === 'string'
    ? `the definition of ${JSON.stringify(name.slice(0, 64))}`
    : `definition ${index + 1}`;
}
