import { readFileSync } from 'node:fs';
import path from 'node:path';
import { stopOrder } from './stop-order.js';
import { freePort } from './ports.js';
import { postgresAccount } from './postgres-account.js';
import { postgresBinaries } from './postgres-binaries.js';
import { openCluster, removeCluster, SUPERUSER } from './postgres-cluster.js';
import type { Processes, RunningProcess } from './processes.js';
import type { Say } from './progress.js';
import { becomesTrue } from './wait.js';

const START_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 1_000;

export interface PostgresOptions {
  /** Its folder: data and password. Made at the first start. */
  dir: string;
  /** What starts and notes its process. Orphans must have been ended already. */
  processes: Processes;
  /** Listened on at 127.0.0.1 only; any free one when left out. */
  port?: number;
  logFile: string;
  /** No fsync, no durability: for tests. */
  throwAway?: boolean;
  say?: Say;
}

export interface EmbeddedPostgres {
  readonly process: RunningProcess;
  readonly port: number;
  /** The connection string of one of its databases, with the password. */
  url(database: string): string;
  stop(): Promise<void>;
  /** Removes its files. Only once stopped. */
  remove(): void;
}

/**
 * Starts a private Postgres 18 from the binaries of npm and waits until it takes connections: about a second the first
 * time, 50 ms later. Runs as another account when we are root.
 * @throws Error with the end of its log when it does not come up.
 */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const { dir, processes, logFile, throwAway = false, say = () => undefined } = options;
  const account = postgresAccount();
  const binaries = postgresBinaries(account);
  const { dataDir, password } = await openCluster({ dir, binaries, account, throwAway, say });
  const port = options.port ?? (await freePort());
  await endPostmaster(dataDir);
  const postgres = await processes.start({
    name: 'Postgres',
    file: path.join(binaries, 'bin/postgres'),
    args: ['-D', dataDir, '-p', String(port), ...settings(throwAway)],
    // Nothing of our environment: PGDATA and the like would change what it does.
    env: { LC_ALL: 'C', TZ: 'UTC' },
    cwd: '/',
    logFile,
    // "Fast" shutdown: ends its connections. SIGTERM would wait until the clients leave.
    stopSignal: 'SIGINT',
    stopWithinMs: STOP_WITHIN_MS,
    stopOrder: stopOrder.postgres,
    ...account,
  });
  await untilReady(postgres, dataDir);
  return {
    process: postgres,
    port,
    url: (database) => `postgresql://${SUPERUSER}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`,
    stop: () => postgres.stop(),
    remove: () => removeCluster(dir, account),
  };
}

function settings(throwAway: boolean): string[] {
  const values = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    ...(throwAway ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function untilReady(postgres: RunningProcess, dataDir: string): Promise<void> {
  let hasExited = false;
  void postgres.exited.then(() => (hasExited = true));
  const isReady = (): boolean => hasExited || statusLineOf(dataDir, postgres.pid) === 'ready';
  await becomesTrue(isReady, { withinMs: START_WITHIN_MS, everyMs: 10 });
  if (!hasExited && isReady()) return;
  await postgres.stop();
  throw new Error(`Postgres did not come up: its log is ${postgres.logFile}.`);
}

/** The eighth line of `postmaster.pid` says how far it has come; `pg_ctl` waits for it too. */
function statusLineOf(dataDir: string, pid: number): string | undefined {
  const lines = postmasterFile(dataDir);
  return Number(lines[0]) === pid ? lines[7]?.trim() : undefined;
}

/**
 * Ends a postmaster that already runs on this data folder although nobody noted it: our note was lost, or the machine
 * lost power between its start and the note. A process of another program that has its pid now is left alone.
 */
async function endPostmaster(dataDir: string): Promise<void> {
  const pid = Number(postmasterFile(dataDir)[0]);
  if (!pid || !isPostmasterOf(pid, dataDir)) return;
  process.kill(pid, 'SIGINT');
  await becomesTrue(() => !isPostmasterOf(pid, dataDir), { withinMs: 10_000 });
}

function isPostmasterOf(pid: number, dataDir: string): boolean {
  try {
    // Linux only; elsewhere Postgres itself refuses to start twice on a folder.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(dataDir);
  } catch {
    return false;
  }
}

function postmasterFile(dataDir: string): string[] {
  try {
    return readFileSync(path.join(dataDir, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return [];
  }
}
