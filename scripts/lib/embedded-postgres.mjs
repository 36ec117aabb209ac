// The database of `npm start`, for commands that work on it. Needs the build: import it after `ensure()`.
import { readDevConfig } from '../../dist/platform/embedded/dev-config.js';
import { ownDataDir } from '../../dist/platform/embedded/owner-lock.js';
import { openProcesses } from '../../dist/platform/embedded/processes.js';
import { embeddedPostgres } from '../../dist/platform/embedded/services.js';

/** Does `work` beside the embedded Postgres of the data folder; refuses while `npm start` runs on that. */
export async function withEmbeddedPostgres(work) {
  const config = readDevConfig();
  const ownership = await ownDataDir(config.dataDir);
  const processes = openProcesses(config.dataDir);
  try {
    await processes.endOrphans();
    return await work(await embeddedPostgres(config, processes, console.log));
  } finally {
    await processes.stopAll();
    ownership.giveUp();
  }
}
