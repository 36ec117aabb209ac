import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../../src/platform/embedded/dev-config.js';
import { identityOf } from '../../src/platform/embedded/process-identity.js';
import { freePort } from '../../src/platform/embedded/ports.js';
import { becomesTrue } from '../../src/platform/embedded/wait.js';

/** The variables that set them. */
export type DevPorts = Record<'PORT' | 'TEMPORAL_PORT' | 'TEMPORAL_UI_PORT', string>;

export async function freePorts(): Promise<DevPorts> {
  const [api, temporal, ui] = [await freePort(), await freePort(), await freePort()].map(String);
  return { PORT: api ?? '', TEMPORAL_PORT: temporal ?? '', TEMPORAL_UI_PORT: ui ?? '' };
}

/** What `npm start` runs, once it is built: everything on this machine. */
export interface Dev {
  /** All that it printed so far. */
  output(): string;
  /** Resolves when it says that it is ready, with the milliseconds that took; rejects with its words when it ends. */
  ready(): Promise<number>;
  signal(signal: NodeJS.Signals): void;
  /** Resolves with its exit code or signal. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** What finds programs; the rest of the test run's settings are not for a Carillon under test. */
const finders = Object.fromEntries(
  ['PATH', 'HOME', 'TEMPORAL_CLI_PATH', 'CARILLON_CACHE_DIR'].map((name) => [name, process.env[name]]),
);

export function startDev(dataDir: string, env: NodeJS.ProcessEnv): Dev {
  const startedAt = performance.now();
  const dev = spawn(process.execPath, [path.join(projectRoot, 'dist/dev.js')], {
    cwd: projectRoot,
    env: { ...finders, CARILLON_DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  dev.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  dev.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  let isOver = false;
  const ended = once(dev, 'close').then(([code, signal]) => {
    isOver = true;
    return (code ?? signal) as number | NodeJS.Signals;
  });
  return {
    output: () => output,
    async ready() {
      const isReady = (): boolean => output.includes('Carillon is ready');
      await becomesTrue(() => isOver || isReady(), { withinMs: 60_000 });
      if (!isReady()) throw new Error(`Not ready. It printed:\n${output}`);
      return performance.now() - startedAt;
    },
    signal: (signal) => void dev.kill(signal),
    ended,
  };
}

/** The services of a data folder that live: their names and pids. */
export function livingServices(dataDir: string): { name: string; pid: number }[] {
  const file = path.join(dataDir, 'processes.json');
  if (!existsSync(file)) return [];
  const noted = JSON.parse(readFileSync(file, 'utf8')) as { name: string; pid: number }[];
  return noted.filter(({ pid }) => identityOf(pid) !== undefined).map(({ name, pid }) => ({ name, pid }));
}
