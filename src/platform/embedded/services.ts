import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type DevConfig, projectRoot } from './dev-config.js';
import { logFile } from './logs.js';
import { applyMigrations } from './migrations.js';
import { freePort, portProblems, type WantedPort } from './ports.js';
import { type EmbeddedPostgres, startPostgres } from './postgres.js';
import type { Processes, RunningProcess } from './processes.js';
import type { Say } from './progress.js';
import { startTemporal } from './temporal.js';
import { temporalBinary } from './temporal-binary.js';

/** What the API and the worker stand on. */
export interface Services {
  databaseUrl: string;
  temporalAddress: string;
  /** The embedded ones among them: when one of these ends, nothing works. */
  processes: RunningProcess[];
}

/** The ports that are about to be listened on. */
export function wantedPorts(config: DevConfig): WantedPort[] {
  const { host, port, postgresPort, temporalPort, temporalUiPort } = config;
  const loopback = '127.0.0.1';
  return [
    { port, host, variable: 'PORT' },
    ...(config.temporalAddress === undefined
      ? [
          { port: temporalPort, host: loopback, variable: 'TEMPORAL_PORT' },
          { port: temporalUiPort, host: loopback, variable: 'TEMPORAL_UI_PORT' },
        ]
      : []),
    ...(config.databaseUrl === undefined && postgresPort !== undefined
      ? [{ port: postgresPort, host: loopback, variable: 'POSTGRES_PORT' }]
      : []),
  ];
}

/** @throws Error with a sentence for each port that is taken, before anything is started. */
export async function checkPorts(config: DevConfig): Promise<void> {
  const problems = await portProblems(wantedPorts(config));
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

/** Brings up a migrated database and a Temporal, both at once; those given in the environment are used as they are. */
export async function bringUp(config: DevConfig, processes: Processes, say: Say): Promise<Services> {
  const [database, temporal] = await Promise.all([
    databaseOf(config, processes, say),
    temporalOf(config, processes, say),
  ]);
  return {
    databaseUrl: database.url,
    temporalAddress: temporal.address,
    processes: [database.process, temporal.process].filter((one) => one !== undefined),
  };
}

async function databaseOf(
  config: DevConfig,
  processes: Processes,
  say: Say,
): Promise<{ url: string; process?: RunningProcess }> {
  const postgres = config.databaseUrl === undefined ? await embeddedPostgres(config, processes, say) : undefined;
  const url = config.databaseUrl ?? postgres?.url('carillon') ?? '';
  await applyMigrations({ root: projectRoot, databaseUrl: url, env: config.env, say });
  return { url, ...(postgres && { process: postgres.process }) };
}

/** The embedded Postgres of this data folder. Its port is any free one, but the same at each start if it can be. */
export async function embeddedPostgres(
  { dataDir, postgresPort }: DevConfig,
  processes: Processes,
  say: Say,
): Promise<EmbeddedPostgres> {
  const dir = path.join(dataDir, 'postgres');
  const port = postgresPort ?? (await freePort(lastPort(dir)));
  const postgres = await startPostgres({
    dir,
    processes,
    port,
    logFile: logFile(path.join(dataDir, 'logs'), 'postgres'),
    say,
  });
  writeFileSync(path.join(dir, 'port'), String(port));
  return postgres;
}

function lastPort(dir: string): number | undefined {
  try {
    return Number(readFileSync(path.join(dir, 'port'), 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

async function temporalOf(
  config: DevConfig,
  processes: Processes,
  say: Say,
): Promise<{ address: string; process?: RunningProcess }> {
  const { temporalAddress, temporalPort, temporalUiPort, temporalNamespace, dataDir, cacheDir, env } = config;
  if (temporalAddress !== undefined) return { address: temporalAddress };
  const dir = path.join(dataDir, 'temporal');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return startTemporal({
    binary: await temporalBinary('temporal', { env, cacheDir, say }),
    processes,
    port: temporalPort,
    uiPort: temporalUiPort,
    namespaces: [temporalNamespace],
    databaseFile: path.join(dir, 'temporal.sqlite'),
    logFile: logFile(path.join(dataDir, 'logs'), 'temporal'),
    env,
  });
}
