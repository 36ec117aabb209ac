import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { readDevConfig, projectRoot } from '../../dist/platform/embedded/dev-config.js';
import { applyMigrations } from '../../dist/platform/embedded/migrations.js';
import { freePort } from '../../dist/platform/embedded/ports.js';
import { startPostgres } from '../../dist/platform/embedded/postgres.js';
import { isStillThere } from '../../dist/platform/embedded/process-identity.js';
import { openProcesses } from '../../dist/platform/embedded/processes.js';
import { searchAttributeTypes, startTemporal } from '../../dist/platform/embedded/temporal.js';
import { temporalBinary } from '../../dist/platform/embedded/temporal-binary.js';

const run = promisify(execFile);
const TEMPLATE = 'migrated';

/** What test files can ask the keeper for; each service starts at the first call and is shared from then on. */
export function testServices() {
  const { cacheDir, env } = readDevConfig({
    PATH: process.env.PATH,
    ...only(/^(TEMPORAL_.*_PATH|CARILLON_CACHE_DIR)$/),
  });
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'carillon-test-'));
  fs.chmodSync(dir, 0o711); // The account that Postgres runs as, when we are root, must get in.
  const processes = openProcesses(dir);
  const say = (line) => console.error(line);
  const binary = (tool) => temporalBinary(tool, { env, cacheDir, say });
  const postgres = once(() => startMigratedPostgres(dir, processes, say));
  const temporal = once(async () => startTestTemporal(await binary('temporal'), dir, processes));
  let lastNumber = 0;

  return {
    /** Where files of this run belong: removed at its end. */
    dir,
    /** A new, migrated, empty database: its connection string. */
    async database() {
      const server = await postgres();
      const name = `test_${++lastNumber}`;
      await query(server.url('postgres'), `create database ${name} template ${TEMPLATE}`);
      return { name, url: server.url(name) };
    },
    async dropDatabase(name) {
      await query(
        (await postgres()).url('postgres'),
        `drop database if exists ${pg.escapeIdentifier(name)} with (force)`,
      );
    },
    /** The dev server, and a namespace of it that nobody else uses. */
    async temporal() {
      const server = await temporal();
      const namespace = `test-${++lastNumber}`;
      await createNamespace(await binary('temporal'), server.address, namespace);
      return { address: server.address, namespace };
    },
    /** The executable of the time-skipping server. */
    timeSkippingServer: () => binary('temporal-test-server'),
    async stop() {
      const cluster = await postgres.started?.catch(() => undefined);
      await processes.stopAll();
      await stopLeftBehind(dir);
      cluster?.remove();
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Ends what tests started on data folders of this run and could not end, because they were cut off. */
async function stopLeftBehind(dir) {
  const files = fs.readdirSync(dir, { recursive: true }).filter((file) => path.basename(file) === 'owner.json');
  for (const file of files) {
    const dataDir = path.join(dir, path.dirname(file));
    const { pid, identity } = JSON.parse(fs.readFileSync(path.join(dir, file), 'utf8'));
    if (isStillThere(pid, identity)) process.kill(pid, 'SIGKILL');
    await openProcesses(dataDir).endOrphans();
  }
}

const only = (pattern) => Object.fromEntries(Object.entries(process.env).filter(([name]) => pattern.test(name)));

/** Calls `start` at the first call only; `started` is undefined until then. */
function once(start) {
  const call = () => (call.started ??= start());
  return call;
}

async function startMigratedPostgres(dir, processes, say) {
  const postgres = await startPostgres({
    dir: path.join(dir, 'postgres'),
    processes,
    logFile: path.join(dir, 'postgres.log'),
    throwAway: true,
  });
  await applyMigrations({ root: projectRoot, databaseUrl: postgres.url(TEMPLATE), env: process.env, say });
  return postgres;
}

async function startTestTemporal(binary, dir, processes) {
  return startTemporal({
    binary,
    processes,
    port: await freePort(),
    namespaces: ['default'],
    logFile: path.join(dir, 'temporal.log'),
    env: { PATH: process.env.PATH },
  });
}

async function createNamespace(binary, address, namespace) {
  await run(binary, ['operator', 'namespace', 'create', '--address', address, '--namespace', namespace]);
  const attributes = Object.entries(searchAttributeTypes).flatMap(([name, type]) => ['--name', name, '--type', type]);
  await run(binary, [
    ...['operator', 'search-attribute', 'create', '--address', address, '--namespace', namespace],
    ...attributes,
  ]);
}

async function query(url, sql) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
