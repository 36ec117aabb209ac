import { pathToFileURL } from 'node:url';
import type { Handler } from '../handlers/handler.js';

/** A list that a module exports by name or, where it is CommonJS, within its default; undefined when there is none. */
export async function exportedList(file: string, name: string): Promise<unknown[] | undefined> {
  const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  const list = module[name] ?? (module['default'] as Record<string, unknown> | undefined)?.[name];
  return Array.isArray(list) && list.length > 0 ? list : undefined;
}

/**
 * The handlers that a module exports as `handlers`.
 *
 * @throws Error with a reason that ends a sentence, and what the module itself throws
 */
export async function importHandlers(file: string): Promise<Handler[]> {
  const list = await exportedList(file, 'handlers');
  if (!list) throw new Error('it exports no list "handlers"');
  for (const [index, given] of list.entries()) {
    const { definition, run } = (given ?? {}) as Partial<Handler>;
    if (typeof definition?.name !== 'string') throw new Error(`handler ${index + 1} has no definition with a name`);
    if (typeof run !== 'function')
      throw new Error(`the handler ${JSON.stringify(definition.name)} has no function run`);
  }
  return list as Handler[];
}
