import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { checkSettings } from './dev-settings.js';
import { apiUrl, readyText } from './platform/embedded/banner.js';
import { type DevConfig, projectRoot, readDevConfig } from './platform/embedded/dev-config.js';
import { logFile } from './platform/embedded/logs.js';
import { ownDataDir, type Ownership } from './platform/embedded/owner-lock.js';
import { openProcesses, type Processes, type RunningProcess } from './platform/embedded/processes.js';
import { untilReady } from './platform/embedded/readiness.js';
import { bringUp, checkPorts, type Services } from './platform/embedded/services.js';
import { makeInstanceKey } from './security/encryption/instance-keys.js';
import { stopOrder } from './platform/embedded/stop-order.js';
import { howItEnded, supervise } from './platform/embedded/supervisor.js';

/** With Temporal's and Postgres's own, all ends within 5 s. */
const STOP_WITHIN_MS = 2_000;

/** Ctrl-C comes from the terminal, and once more from npm, which passes it on: within this time it is the same one. */
const SAME_SIGNAL_MS = 500;

const PARENT_POLL_MS = 250;

const startedAt = performance.now();
const say = (line: string): void => console.log(line);

/** `npm start`: everything on this machine. The API and the worker are the same processes that run in production. */
async function main(): Promise<void> {
  const config = readDevConfig();
  // Until they are started, any database and any Temporal stand for the embedded ones.
  const later = { databaseUrl: 'postgresql://127.0.0.1/carillon', temporalAddress: '127.0.0.1:7233' };
  for (const warning of checkSettings(environmentOf(config, later))) say(warning);
  makeDataDir(config.dataDir);
  makeEncryptionKeys(encryptionKeysFileOf(config));
  const ownership = await ownDataDir(config.dataDir, config.isRunByNpm ? process.ppid : undefined);
  const processes = openProcesses(config.dataDir);
  const stop = stopper(processes, ownership);
  if (config.isRunByNpm) whenParentEnds(() => void stop.now(0));
  try {
    const orphans = await processes.endOrphans();
    if (orphans.length > 0) say(`Ended what a killed start had left running: ${orphans.join(', ')}.`);
    await checkPorts(config);
    const services = await bringUp(config, processes, say);
    for (const service of services.processes) {
      void service.exited.then((exit) => stop.now(1, howItEnded(service, exit)));
    }
    await runApiAndWorker(config, services, processes, stop);
  } catch (error) {
    await stop.now(1, wordsOf(error));
  }
}

async function runApiAndWorker(
  config: DevConfig,
  services: Services,
  processes: Processes,
  stop: Stopper,
): Promise<void> {
  const env = environmentOf(config, services);
  let isReady = false;
  const run = (name: string, script: string): Promise<void> =>
    supervise({
      start: () => startNode(name, script, env, config, processes),
      mayRestart: () => isReady && !stop.isStopping(),
      onGivenUp: (process, exit) => void stop.now(1, howItEnded(process, exit)),
      say,
    });
  await Promise.all([run('API', 'server'), run('worker', 'worker')]);
  await untilReady(apiUrl(config), stop.isStopping);
  if (stop.isStopping()) return;
  isReady = true;
  say(readyText(config, adminKeyFileOf(config), performance.now() - startedAt));
}

/** What the API and the worker read. */
function environmentOf(
  config: DevConfig,
  services: Pick<Services, 'databaseUrl' | 'temporalAddress'>,
): NodeJS.ProcessEnv {
  return {
    NODE_ENV: 'production',
    // There is one scheduler, and an older checkout of it need not wait for a newer one to be gone.
    CARILLON_WORKER_VERSIONING: 'off',
    // A run that is cut off goes on at the next start.
    CARILLON_SHUTDOWN_GRACE: 'PT1S',
    // The machine is shared with Postgres and Temporal, and there is no other node to leave the work to.
    CARILLON_MAX_CPU: '100',
    // There is no other process of the API with which the counts would be shared.
    CARILLON_RATE_LIMIT_STORE: 'memory',
    CARILLON_ADMIN_KEY_FILE: adminKeyFileOf(config),
    ...(isGiven(config.env['CARILLON_ENCRYPTION_KEYS'])
      ? {}
      : { CARILLON_ENCRYPTION_KEYS_FILE: encryptionKeysFileOf(config) }),
    ...config.env,
    // Its own parts, and the tour, speak HTTP to it.
    CARILLON_TLS_CERT: '',
    CARILLON_TLS_KEY: '',
    HOST: config.host,
    PORT: String(config.port),
    DATABASE_URL: config.databaseUrl ?? services.databaseUrl,
    TEMPORAL_ADDRESS: config.temporalAddress ?? services.temporalAddress,
    TEMPORAL_NAMESPACE: config.temporalNamespace,
  };
}

const isGiven = (value: string | undefined): boolean => value !== undefined && value.trim() !== '';

const encryptionKeysFileOf = ({ dataDir }: DevConfig): string => path.join(dataDir, 'encryption-keys');

const adminKeyFileOf = ({ dataDir }: DevConfig): string => path.join(dataDir, 'admin-key');

/** @throws Error with a sentence when there can be no such folder, or nothing written into it. */
function makeDataDir(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
    accessSync(dataDir, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'EEXIST' || code === 'ENOTDIR' ? 'a file is in the way' : (cause as Error).message;
    throw new Error(`${dataDir} can't be the data folder (${why}): set CARILLON_DATA_DIR to another.`, { cause });
  }
}

/**
 * Makes the instance key of a data folder that has none. Without it the payloads of its database can't be read, so it stays
 * beside that.
 */
function makeEncryptionKeys(file: string): void {
  try {
    writeFileSync(file, `${makeInstanceKey(new Date())}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function startNode(
  name: string,
  script: string,
  env: NodeJS.ProcessEnv,
  { dataDir }: DevConfig,
  processes: Processes,
): Promise<RunningProcess> {
  return processes.start({
    name,
    file: process.execPath,
    args: [path.join(projectRoot, 'dist', `${script}.js`)],
    env,
    cwd: projectRoot,
    logFile: logFile(path.join(dataDir, 'logs'), name.toLowerCase()),
    stopSignal: 'SIGTERM',
    stopWithinMs: STOP_WITHIN_MS,
    stopOrder: stopOrder.apiAndWorker,
  });
}

interface Stopper {
  isStopping(): boolean;
  /** Ends everything and then this process; what is said first is why. Does nothing when that is under way. */
  now(exitCode: number, why?: string): Promise<void>;
}

/** Ends everything, once: at a signal, or when told. A second signal does not wait for anything. */
function stopper(processes: Processes, ownership: Ownership): Stopper {
  let stoppingSince: number | undefined;
  const now = async (exitCode: number, why = ''): Promise<void> => {
    if (stoppingSince !== undefined) return;
    stoppingSince = performance.now();
    ownership.isEnding();
    if (why) console.error(`\n${why}`);
    try {
      await processes.stopAll();
    } finally {
      ownership.giveUp();
      process.exit(exitCode);
    }
  };
  const onSignal = (): void => {
    if (stoppingSince === undefined) {
      say('\nStopping ...');
      void now(0);
    } else if (performance.now() - stoppingSince > SAME_SIGNAL_MS) {
      processes.killAll();
      ownership.giveUp();
      process.exit(1);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  // Were we to die of it, all that we started would be left running.
  process.on('uncaughtException', (error: unknown) => void now(1, wordsOf(error)));
  return { isStopping: () => stoppingSince !== undefined, now };
}

/** npm that was killed could not tell us to stop. */
function whenParentEnds(act: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    act();
  }, PARENT_POLL_MS);
  timer.unref();
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

await main().catch((error: unknown) => {
  console.error(wordsOf(error));
  process.exit(1);
});
