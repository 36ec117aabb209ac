// The official Prisma CLI with the environment it needs here: `npm run prisma -- migrate status`. Its native schema
// engine would be downloaded from a host of Prisma's own; ours stands in for it.
import { inProject, tool } from './lib/project.mjs';
import { runNode } from './lib/run.mjs';

process.exitCode = await runNode(tool.prisma, process.argv.slice(2), {
  PRISMA_SCHEMA_ENGINE_BINARY: inProject('scripts/schema-engine.mjs'),
  // No look for newer versions, no hints: this project pins its versions.
  CHECKPOINT_DISABLE: '1',
  PRISMA_HIDE_UPDATE_MESSAGE: '1',
});
