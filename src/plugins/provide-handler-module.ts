import module, { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** What plugins import of Carillon: package.json exports it. */
const SPECIFIER = 'carillon/handler';

type Resolve = (specifier: string, context: unknown, next: (specifier: string, context: unknown) => unknown) => unknown;
/** Not in the types of the oldest Node that we support. */
const { registerHooks } = module as { registerHooks?: (hooks: { resolve: Resolve }) => void };

/**
 * Makes `import ... from 'carillon/handler'` work in a plugin that finds no package `carillon` from where it is: beside
 * a Carillon that is no package itself, as in a container, none is there.
 *
 * @param importer a file of the plugin
 */
export function provideHandlerModule(importer: string): void {
  if (canResolve(importer)) return;
  const url = new URL('../handlers/handler.js', import.meta.url).href;
  if (registerHooks) {
    registerHooks({
      resolve: (specifier, context, next) =>
        specifier === SPECIFIER ? { url, shortCircuit: true } : next(specifier, context),
    });
    return;
  }
  const hook = `export const resolve = (specifier, context, next) => specifier === ${JSON.stringify(SPECIFIER)}
    ? { url: ${JSON.stringify(url)}, shortCircuit: true } : next(specifier, context);`;
  module.register(`data:text/javascript,${encodeURIComponent(hook)}`);
}

function canResolve(importer: string): boolean {
  try {
    createRequire(pathToFileURL(importer)).resolve(SPECIFIER);
    return true;
  } catch {
    return false;
  }
}
