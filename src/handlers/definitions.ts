import { commandDefinition } from './command/definition.js';
import { containerDefinition } from './container/definition.js';
import { emailDefinition } from './email/definition.js';
import type { HandlerDefinition } from './handler.js';
import { httpDefinition } from './http/definition.js';
import { logDefinition } from './log/definition.js';
import { sqlDefinition } from './sql/definition.js';

/** The job types that come with Carillon. Pure: safe to load where no job runs. The first one is the default. */
export const builtinDefinitions = [
  logDefinition,
  httpDefinition,
  emailDefinition,
  commandDefinition,
  containerDefinition,
  sqlDefinition,
] as const satisfies readonly HandlerDefinition[];

/**
 * The job types of an installation, by their names: of those that act with the rights of a node only what its operator
 * allows. The names of the others are in `notAllowed`.
 *
 * @param allow names, from CARILLON_ALLOW
 */
export function allowedDefinitions(
  all: readonly HandlerDefinition[],
  allow: readonly string[],
): { definitions: ReadonlyMap<string, HandlerDefinition>; notAllowed: ReadonlySet<string> } {
  const isAllowed = ({ privileged, name }: HandlerDefinition) => !privileged || allow.includes(name);
  return {
    definitions: new Map(all.filter(isAllowed).map((definition) => [definition.name, definition])),
    notAllowed: new Set(all.filter((definition) => !isAllowed(definition)).map(({ name }) => name)),
  };
}
