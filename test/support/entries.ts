import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { TEST_ENCRYPTION_KEYS } from './encryption.js';
import { eventually } from './eventually.js';

/** One of Carillon's own processes, as an operator starts it: the built entry, and nothing but its environment. */
export interface Entry {
  readonly child: ChildProcess;
  /** Resolves with the first log line that has this message. */
  says(message: string): Promise<Record<string, unknown>>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

export function startEntry(entry: 'server' | 'worker', env: Record<string, string>): Entry {
  const script = fileURLToPath(new URL(`../../dist/${entry}.js`, import.meta.url));
  const child = spawn(process.execPath, [script], {
    env: { PATH: process.env['PATH'] ?? '', CARILLON_ENCRYPTION_KEYS: TEST_ENCRYPTION_KEYS, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString('utf8');
  });
  return {
    child,
    says: (message) =>
      eventually(() => {
        if (child.exitCode !== null) throw new Error(`${entry} ended with ${child.exitCode}: ${output}`);
        const lines = output.split('\n').slice(0, -1);
        const line = lines
          .map((text) => JSON.parse(text) as Record<string, unknown>)
          .find(({ msg }) => msg === message);
        if (!line) throw new Error(`${entry} has not said "${message}", but: ${output}`);
        return line;
      }),
    async kill(signal) {
      child.kill(signal);
      await exited;
    },
  };
}
