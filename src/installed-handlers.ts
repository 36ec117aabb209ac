import { builtinDefinitions } from './handlers/definitions.js';
import type { HandlerDefinition } from './handlers/handler.js';
import { loadPluginDefinitions, type Plugin } from './plugins/index.js';

/**
 * What the handlers of this installation are: those that come with Carillon, and those of its plugins.
 *
 * @param plugins packages or folders, from CARILLON_PLUGINS, found from where the process was started
 * @throws PluginError with a sentence that names the plugin and what is wrong with it
 */
export async function installedDefinitions(
  plugins: readonly string[],
): Promise<{ all: readonly HandlerDefinition[]; plugins: readonly Plugin[] }> {
  const taken = builtinDefinitions.map((definition) => definition.name);
  const loaded = await loadPluginDefinitions(plugins, { from: process.cwd(), taken });
  const ofPlugins = loaded.flatMap((plugin) => plugin.definitions);
  const isolated = ofPlugins.map((definition) => ({ ...definition, isolated: definition.isolated ?? true }));
  return { all: [...builtinDefinitions, ...isolated], plugins: loaded };
}
