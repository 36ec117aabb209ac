import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from '@jest/globals';
import type { Handler, RunContext } from '../../src/handlers/handler.js';
import { createIsolatedHandler, type IsolationOptions, loadPluginDefinitions } from '../../src/plugins/index.js';
import { failureOf, type Line, runContext } from '../handlers/support.js';
import { eventually } from '../support/eventually.js';

export const projectFolder = fileURLToPath(new URL('../..', import.meta.url));
const actingPlugin = fileURLToPath(new URL('acting-plugin', import.meta.url));

/** The child's code as it is built: jest's own TypeScript is not for a process of its own. */
export const isolation = (options: Partial<IsolationOptions> = {}): IsolationOptions => ({
  env: { PATH: process.env['PATH'] ?? '' },
  entry: fileURLToPath(new URL('../../dist/plugins/isolate.js', import.meta.url)),
  ...options,
});

/** The handler of the test's plugin that does what its payload names, each run in a process of its own. */
export async function actingHandler(options: Partial<IsolationOptions> = {}): Promise<Handler> {
  const [plugin] = await loadPluginDefinitions([actingPlugin], { from: projectFolder, taken: [] });
  const definition = plugin?.definitions[0];
  if (!plugin || !definition) throw new Error('The plugin has no definition.');
  return createIsolatedHandler(definition, plugin, isolation(options));
}

export interface Run {
  lines: Line[];
  progress: unknown[][];
  outcome: Promise<unknown>;
}

export function start(handler: Handler, payload: unknown, context: Partial<RunContext> = {}): Run {
  const progress: unknown[][] = [];
  const whole = { ...runContext(), progress: (...told: unknown[]) => void progress.push(told), ...context };
  return { lines: whole.lines, progress, outcome: handler.run(whole, payload) };
}

/** The failure of a run of `act`, beside which a sound run of the same plugin completes. */
export async function failureBeside(handler: Handler, act: string): Promise<unknown> {
  const neighbour = await actingHandler();
  const failing = failureOf(start(handler, { act }).outcome);
  await expect(start(neighbour, { act: 'echo', value: act }).outcome).resolves.toBe(act);
  return failing;
}

/** The process id that a run logged, as soon as it has. */
export const loggedPid = ({ lines }: Pick<Run, 'lines'>): Promise<number> =>
  eventually(() => {
    const pid = lines.find(({ fields }) => fields?.['pid'] !== undefined)?.fields?.['pid'];
    if (typeof pid !== 'number') throw new Error('no process id was logged');
    return pid;
  });

/** Whether a process runs; one that has ended and was not yet waited for does not. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    try {
      return process.kill(pid, 0) && process.platform !== 'linux';
    } catch {
      return false;
    }
  }
}
