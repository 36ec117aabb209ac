// A Postgres for the time of one command. Needs the build: import it after `ensure()`.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openProcesses } from '../../dist/platform/embedded/processes.js';
import { startPostgres } from '../../dist/platform/embedded/postgres.js';

/**
 * Does `work` beside an empty Postgres, which is gone afterwards, also at Ctrl-C.
 * @template T
 * @param {(postgres: import('../../src/platform/embedded/postgres.js').EmbeddedPostgres) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withThrowAwayPostgres(work) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'carillon-'));
  fs.chmodSync(dir, 0o711); // The account that Postgres runs as, when we are root, must get in.
  const postgres = await startPostgres({
    dir: path.join(dir, 'postgres'),
    processes: openProcesses(dir),
    logFile: path.join(dir, 'postgres.log'),
    throwAway: true,
  });
  try {
    return await work(postgres);
  } finally {
    await postgres.stop();
    postgres.remove();
    fs.rmSync(dir, { recursive: true });
  }
}
