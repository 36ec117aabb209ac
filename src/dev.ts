import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { apiUrl, readyText } from './platform/embedded/banner.js';
import { type DevConfig, projectRoot, readDevConfig } from './platform/embedded/dev-config.js';
import { logFile } from './platform/embedded/logs.js';
import { ownDataDir, type Ownership } from './platform/embedded/owner-lock.js';
import { openProcesses, type Processes, type RunningProcess } from './platform/embedded/processes.js';
import { untilReady } from './platform/embedded/readiness.js';
import { bringUp, checkPorts, type Services } from './platform/embedded/services.js';
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
  mkdirSync(config.dataDir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
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
    await stop.now(1, error instanceof Error ? error.message : String(error));
  }
}

async function runApiAndWorker(
  config: DevConfig,
  services: Services,
  processes: Processes,
  stop: Stopper,
): Promise<void> {
  const adminKeyFile = path.join(config.dataDir, 'admin-key');
  const env = {
    NODE_ENV: 'production',
    // A run that is cut off goes on at the next start.
    CARILLON_SHUTDOWN_GRACE: 'PT1S',
    CARILLON_ADMIN_KEY_FILE: adminKeyFile,
    ...config.env,
    HOST: config.host,
    PORT: String(config.port),
    DATABASE_URL: services.databaseUrl,
    TEMPORAL_ADDRESS: services.temporalAddress,
    TEMPORAL_NAMESPACE: config.temporalNamespace,
  };
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
  say(readyText(config, adminKeyFile, performance.now() - startedAt));
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
    await processes.stopAll();
    ownership.giveUp();
    process.exit(exitCode);
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

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
