import type { HandlerDefinition } from './handler.js';
import { httpDefinition } from './http/definition.js';
import { logDefinition } from './log/definition.js';

/** The job types that come with Carillon. Pure: safe to load where no job runs. The first one is the default. */
export const builtinDefinitions: readonly HandlerDefinition[] = [logDefinition, httpDefinition];
