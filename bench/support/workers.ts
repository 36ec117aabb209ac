import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { projectRoot, type Place } from './carillon.js';

/** A worker beside the one of `npm start`, as a process of its own. */
export interface ExtraWorker {
  readonly pid: number;
  /** Its name in the ledger. */
  readonly node: string;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export async function startWorker(place: Place, env: Record<string, string> = {}): Promise<ExtraWorker> {
  const child = spawn(process.execPath, [path.join(projectRoot, 'dist/worker.js')], {
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: place.databaseUrl(),
      CARILLON_ENCRYPTION_KEYS_FILE: path.join(place.dataDir, 'encryption-keys'),
      TEMPORAL_ADDRESS: place.temporalAddress,
      CARILLON_SHUTDOWN_GRACE: 'PT1S',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const node = await new Promise<string>((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const [, name] = /"node":"([^"]+)".*"the worker is at work"/.exec(output) ?? [];
      if (name !== undefined) resolve(name);
    });
    child.once('exit', () => reject(new Error(`a worker ended. It printed:\n${output}`)));
  });
  return {
    pid: child.pid ?? 0,
    node,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await exited;
    },
  };
}
