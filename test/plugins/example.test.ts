import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from '@jest/globals';
import { tool } from '../../scripts/lib/project.mjs';
import { loadPluginDefinitions, loadPluginHandlers } from '../../src/plugins/index.js';
import { failureOf } from '../handlers/support.js';
import { eventually } from '../support/eventually.js';
import { temporaryDir } from '../support/temporary-dir.js';
import { isolation, projectFolder, start } from './support.js';

const execute = promisify(execFile);
const example = path.join(projectFolder, 'examples/plugin-checksum');

/** A folder in which the example is installed as a package, with a zod of its own. */
let installed: string;
beforeAll(async () => {
  installed = temporaryDir('installed');
  writeFileSync(path.join(installed, 'package.json'), '{"private":true}');
  const npm = (...args: string[]) => execute('npm', [...args, '--no-audit', '--no-fund'], { cwd: installed });
  const { stdout } = await npm('pack', example, '--silent');
  await npm(
    'install',
    '--offline',
    '--install-links',
    path.join(projectFolder, 'node_modules/zod'),
    `./${stdout.trim()}`,
  );
}, 120_000);

async function checksum() {
  const plugins = await loadPluginDefinitions(['carillon-plugin-checksum'], { from: installed, taken: [] });
  const [handler] = await loadPluginHandlers(plugins, isolation());
  if (!handler) throw new Error('The plugin has no handler.');
  return handler;
}

test('the example, installed as a package, is found by its name and runs in a process of its own', async () => {
  const run = start(await checksum(), { text: 'abc', rounds: 2_000 });
  await expect(run.outcome).resolves.toEqual({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/), rounds: 2_000 });
  expect(run.lines).toEqual([expect.objectContaining({ level: 'info', fields: { rounds: 2_000 } })]);
  expect(run.progress[0]).toEqual([0.5, '1000 of 2000 rounds']);
});

test('the example heeds its signal', async () => {
  const abort = new AbortController();
  const run = start(await checksum(), { text: 'abc', rounds: 10_000_000 }, { signal: abort.signal });
  await eventually(() => expect(run.progress).not.toEqual([]));
  abort.abort(new Error('cancelled'));
  expect(await failureOf(run.outcome)).toEqual(new Error('cancelled'));
});

test('the tests of the example pass', async () => {
  const { stdout } = await execute(process.execPath, ['--test'], { cwd: example, env: {} });
  expect(stdout).toMatch(/^# pass 4$/m);
});

test('the types of carillon/handler check a plugin, in JavaScript and in TypeScript', async () => {
  const dir = temporaryDir('types');
  cpSync(example, dir, { recursive: true });
  mkdirSync(path.join(dir, 'node_modules'));
  for (const name of ['zod', '@types'])
    symlinkSync(path.join(projectFolder, 'node_modules', name), path.join(dir, 'node_modules', name));
  symlinkSync(projectFolder, path.join(dir, 'node_modules/carillon'));
  const source = (code: string) => `
    import { type Handler, NonRetryableError } from 'carillon/handler';
    import { checksumDefinition } from './definitions.js';
    export const handler: Handler<{ text: string }> = {
      definition: { ...checksumDefinition, name: 'other' },
      run: async (context) => { throw new NonRetryableError(${code}, context.jobId); },
    };`;
  const options = ['--noEmit', '--strict', '--checkJs', '--skipLibCheck', '--target', 'es2023', '--module', 'nodenext'];
  const check = (file: string) =>
    execute(process.execPath, [tool.tsc, ...options, '--types', 'node', file], { cwd: dir });
  writeFileSync(path.join(dir, 'good.ts'), source("'refused'"));
  writeFileSync(path.join(dir, 'bad.ts'), source('5'));
  await check('handlers.js');
  await check('good.ts');
  expect(await failureOf(check('bad.ts'))).toHaveProperty('stdout', expect.stringContaining('TS2345'));
});
