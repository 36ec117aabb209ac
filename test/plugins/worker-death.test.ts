import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { isRunning, projectFolder } from './support.js';

const at = (file: string) => JSON.stringify(fileURLToPath(new URL(file, import.meta.url)));

/** What a worker does with a plugin, without the rest of a worker. */
const WORKER = `
  import { loadPluginDefinitions, loadPluginHandlers } from ${at('../../dist/plugins/index.js')};
  const plugins = await loadPluginDefinitions([${at('acting-plugin')}], { from: '.', taken: [] });
  const [handler] = await loadPluginHandlers(plugins, { env: {} });
  const log = (_level, _message, { pid }) => console.log(pid);
  const context = { scheduledFor: new Date(0), signal: new AbortController().signal, log };
  await handler.run(context, { act: process.argv[1] });
`;

test.each(['hang', 'ignoreAbort'])('a worker that is killed leaves no process of a run: %s', async (act) => {
  const worker = spawn(process.execPath, ['--input-type=module', '-e', WORKER, act], {
    cwd: projectFolder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  worker.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const pid = await eventually(() => {
    expect(output).toMatch(/^\d+\n/);
    return Number(output);
  });
  expect(isRunning(pid)).toBe(true);
  worker.kill('SIGKILL');
  await eventually(() => expect(isRunning(pid)).toBe(false));
});
