import { existsSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { PluginError } from './plugin-error.js';

/** Name of an npm package, scoped or not. */
const PACKAGE_NAME = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;
/** What Node itself looks for when a module is imported. */
const CONDITIONS: ReadonlySet<string> = new Set(['node', 'import', 'module-sync', 'default']);

/**
 * The folder of a plugin: a path (beginning with `.` or `/`) from `from`, or a package in the `node_modules` of the
 * folders `from`, from the first one upwards, then of the next.
 *
 * @throws PluginError where there is none
 */
export function findPlugin(specifier: string, from: readonly string[]): string {
  if (specifier.startsWith('.') || path.isAbsolute(specifier)) {
    const folder = path.resolve(from[0] ?? '.', specifier);
    if (existsSync(folder)) return realpathSync(folder);
    throw new PluginError(specifier, folder, 'there is no such folder.');
  }
  if (!PACKAGE_NAME.test(specifier))
    throw new PluginError(
      specifier,
      undefined,
      'this is neither the name of a package nor a path that begins with . or /.',
    );
  for (const start of from) {
    for (let folder = path.resolve(start); ; folder = path.dirname(folder)) {
      const candidate = path.join(folder, 'node_modules', specifier);
      if (existsSync(candidate)) return realpathSync(candidate);
      if (folder === path.dirname(folder)) break;
    }
  }
  const where = from.map((folder) => path.join(folder, 'node_modules')).join(' and ');
  throw new PluginError(specifier, undefined, `the package is not installed (looked in ${where}, and upwards).`);
}

/**
 * The file that a plugin gives for `./<name>`: by the `exports` of its package.json, else `<name>.js` or `<name>.mjs`.
 * By our own reading, as Node resolves for an importing module only, and we import for the operator's folder.
 *
 * @throws PluginError where there is none
 */
export function entryOf(specifier: string, folder: string, name: 'definitions' | 'handlers'): string {
  const exported = exportsOf(specifier, folder);
  const targets = exported === undefined ? [`./${name}.js`, `./${name}.mjs`] : [targetOf(exported, `./${name}`)];
  const files = targets.flatMap((target) => (target === undefined ? [] : [path.join(folder, target)]));
  const file = files.find((candidate) => existsSync(candidate));
  if (file !== undefined) return realpathSync(file);
  if (files.length === 0)
    throw new PluginError(specifier, path.join(folder, 'package.json'), `its exports have no "./${name}".`);
  throw new PluginError(specifier, files[0], 'there is no such file.');
}

function exportsOf(specifier: string, folder: string): unknown {
  const file = path.join(folder, 'package.json');
  if (!existsSync(file)) return undefined;
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { exports?: unknown }).exports ?? undefined;
  } catch (error) {
    throw new PluginError(specifier, file, 'it is not JSON.', error);
  }
}

/** The target of a subpath, or of a pattern with one `*` (https://nodejs.org/api/packages.html#subpath-patterns). */
function targetOf(exported: unknown, subpath: string): string | undefined {
  if (exported === null || typeof exported !== 'object') return undefined;
  const entries = Object.entries(exported);
  const exact = entries.find(([key]) => key === subpath);
  if (exact) return byCondition(exact[1]);
  for (const [key, target] of entries) {
    const [before, after, ...more] = key.split('*');
    if (before === undefined || after === undefined || more.length > 0) continue;
    if (!subpath.startsWith(before) || !subpath.endsWith(after)) continue;
    const star = subpath.slice(before.length, subpath.length - after.length);
    return byCondition(target)?.replaceAll('*', () => star);
  }
  return undefined;
}

function byCondition(target: unknown): string | undefined {
  if (typeof target === 'string') return target;
  if (target === null || typeof target !== 'object') return undefined;
  if (Array.isArray(target)) return target.map(byCondition).find((found) => found !== undefined);
  for (const [condition, inner] of Object.entries(target)) {
    const found = CONDITIONS.has(condition) ? byCondition(inner) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
