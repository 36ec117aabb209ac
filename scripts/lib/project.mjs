// Where things are, for scripts that run before anything is installed: nothing but Node may be imported here.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** A path inside the project. */
export const inProject = (...parts) => path.join(root, ...parts);

/** The script behind a command of an installed package: started with this Node, it needs no shell and no PATH. */
export const tool = {
  jest: inProject('node_modules/jest/bin/jest.js'),
  prettier: inProject('node_modules/prettier/bin/prettier.cjs'),
  oxlint: inProject('node_modules/oxlint/bin/oxlint'),
  tsc: inProject('node_modules/typescript/bin/tsc'),
  depcruise: inProject('node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
  knip: inProject('node_modules/knip/bin/knip.js'),
  prisma: inProject('node_modules/prisma/build/index.js'),
};
