// `npm run rotate-keys`: seals all that the database holds with the current instance key. With a worker's variables; without
// DATABASE_URL on the embedded database, while `npm start` does not run.
import path from 'node:path';
import { ensure } from './lib/ensure.mjs';
import { inProject } from './lib/project.mjs';
import { runNode } from './lib/run.mjs';

await ensure();
const rotate = (env) => runNode(inProject('dist/rotate-keys.js'), [], env);

async function rotateEmbedded() {
  const { withEmbeddedPostgres } = await import('./lib/embedded-postgres.mjs');
  const { readDevConfig } = await import('../dist/platform/embedded/dev-config.js');
  const { CARILLON_ENCRYPTION_KEYS: text, CARILLON_ENCRYPTION_KEYS_FILE: file } = process.env;
  const keys =
    text || file ? {} : { CARILLON_ENCRYPTION_KEYS_FILE: path.join(readDevConfig().dataDir, 'encryption-keys') };
  return withEmbeddedPostgres((postgres) => rotate({ DATABASE_URL: postgres.url('carillon'), ...keys }));
}

process.exitCode = process.env.DATABASE_URL ? await rotate() : await rotateEmbedded();
