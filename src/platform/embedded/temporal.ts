import { connect } from 'node:net';
import { searchAttributes } from '../../workflows/messages.js';
import type { Processes, RunningProcess } from './processes.js';
import { stopOrder } from './stop-order.js';
import { becomesTrue } from './wait.js';

const START_WITHIN_MS = 60_000;
/** It takes 1.1 s, whatever it does. */
const STOP_WITHIN_MS = 1_500;

/** The search attributes of the workflows, with their types as the CLI names them. */
export const searchAttributeTypes = Object.fromEntries(
  Object.values(searchAttributes).map(({ name }) => [name, 'Keyword']),
);

const dynamicConfig = {
  // Fairness between projects is off by default. Priorities and weights are kept strictly only within one partition of a
  // task queue, and one is enough for a machine of this size.
  'matching.enableFairness': true,
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
  // A node that stands still leaves its polls open, and what it should hand over is given to them again, for a minute.
  // So it is found out before its heartbeats are missed (10 s).
  'frontend.keepAliveTime': '3s',
  'frontend.keepAliveTimeout': '5s',
};

/**
 * The CLI's default, a rollback journal synced twice a commit, takes half as much CPU again or more, and does about half the jobs a second
 * (measured). This loses nothing when a process is killed; a machine that loses power may lose the last moments, and
 * what Temporal has lost the reconciler finds in our own database.
 */
const sqlitePragmas = ['journal_mode=wal', 'synchronous=1'].flatMap((pragma) => ['--sqlite-pragma', pragma]);

export interface TemporalOptions {
  /** The `temporal` executable. */
  binary: string;
  processes: Processes;
  /** Both listened on at 127.0.0.1 only: the dev server asks nobody who they are. */
  port: number;
  /** Without one there is no Web UI. */
  uiPort?: number;
  namespaces: string[];
  /** Without a file its state is gone when it stops. */
  databaseFile?: string;
  logFile: string;
  /** It gets PATH and HOME of it only: the rest may hold secrets, and would change what it does. */
  env: NodeJS.ProcessEnv;
}

export interface EmbeddedTemporal {
  readonly process: RunningProcess;
  /** For TEMPORAL_ADDRESS. */
  readonly address: string;
  stop(): Promise<void>;
}

/**
 * Starts a Temporal dev server and waits until it takes connections (0.1 s to a second).
 * @throws Error that names its log when it does not come up.
 */
export async function startTemporal(options: TemporalOptions): Promise<EmbeddedTemporal> {
  const { binary, processes, port, logFile } = options;
  const { PATH, HOME } = options.env;
  const temporal = await processes.start({
    name: 'Temporal',
    file: binary,
    args: argumentsOf(options),
    env: { PATH, HOME },
    cwd: '/',
    logFile,
    stopSignal: 'SIGTERM',
    stopWithinMs: STOP_WITHIN_MS,
    stopOrder: stopOrder.temporal,
  });
  let hasExited = false;
  void temporal.exited.then(() => (hasExited = true));
  const isUp = await becomesTrue(async () => hasExited || (await accepts(port)), { withinMs: START_WITHIN_MS });
  if (hasExited || !isUp) {
    await temporal.stop();
    throw new Error(`Temporal did not come up: its log is ${logFile}.`);
  }
  return { process: temporal, address: `127.0.0.1:${port}`, stop: () => temporal.stop() };
}

function argumentsOf({ port, uiPort, namespaces, databaseFile }: TemporalOptions): string[] {
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port)],
    ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort), '--ui-disable-news-fetch']),
    ...(databaseFile === undefined ? [] : ['--db-filename', databaseFile, ...sqlitePragmas]),
    ...['--log-level', 'warn', '--log-format', 'json'],
    ...namespaces.flatMap((name) => ['--namespace', name]),
    ...Object.entries(searchAttributeTypes).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
    ...Object.entries(dynamicConfig).flatMap(([name, value]) => [
      '--dynamic-config-value',
      `${name}=${JSON.stringify(value)}`,
    ]),
  ];
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
