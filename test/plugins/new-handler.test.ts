import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, expect, test } from '@jest/globals';
import { tool } from '../../scripts/lib/project.mjs';
import { loadPluginDefinitions, loadPluginHandlers } from '../../src/plugins/index.js';
import { failureOf } from '../handlers/support.js';
import { temporaryDir } from '../support/temporary-dir.js';
import { isolation, projectFolder, start } from './support.js';

const execute = promisify(execFile);
const script = path.join(projectFolder, 'scripts/new-handler.mjs');
const newHandler = (...args: string[]) => execute(process.execPath, [script, '--in', folder, ...args]);

const isFormatted = (...files: string[]) => {
  const options = ['--check', '--config', path.join(projectFolder, 'prettier.config.mjs')];
  return execute(process.execPath, [tool.prettier, ...options, ...files], { cwd: folder });
};

let folder: string;
beforeEach(() => {
  folder = temporaryDir('new-handler');
  mkdirSync(path.join(folder, 'node_modules'));
  symlinkSync(path.join(projectFolder, 'node_modules/zod'), path.join(folder, 'node_modules/zod'));
});

test('a new plugin passes its own tests, and runs when it is named, at once', async () => {
  const { stdout } = await newHandler('count-letters');
  expect(stdout).toContain('CARILLON_PLUGINS=./plugins/count-letters');
  const cwd = path.join(folder, 'plugins/count-letters');
  await isFormatted('plugins/count-letters');
  expect((await execute(process.execPath, ['--test'], { cwd, env: {} })).stdout).toMatch(/^# pass 3$/m);

  const plugins = await loadPluginDefinitions(['./plugins/count-letters'], { from: folder, taken: ['log', 'http'] });
  const [handler] = await loadPluginHandlers(plugins, isolation());
  if (!handler) throw new Error('There is no handler.');
  await expect(start(handler, { text: 'good morning' }).outcome).resolves.toEqual({ letters: 11 });
  expect(await failureOf(start(handler, { text: '' }).outcome)).toMatchObject({ code: 'text_empty', retryable: false });
});

test('a new built-in handler has a definition, a handler, a test and a page, formatted and with sound types', async () => {
  await newHandler('count-letters', '--built-in');
  const files = ['src/handlers/count-letters/definition.ts', 'src/handlers/count-letters/handler.ts'];
  const rest = ['test/handlers/count-letters.test.ts', 'docs/guides/handlers/count-letters.md'];
  for (const file of [...files, ...rest]) expect(existsSync(path.join(folder, file))).toBe(true);
  expect(readFileSync(path.join(folder, files[1] ?? ''), 'utf8')).toContain('createCountLettersHandler');

  await isFormatted(...files, ...rest);
  cpSync(path.join(projectFolder, 'src/handlers/handler.ts'), path.join(folder, 'src/handlers/handler.ts'));
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2023', '--module', 'nodenext'];
  await execute(process.execPath, [tool.tsc, ...options, ...files], { cwd: folder });
});

test.each([
  ['Upper', "can't name a handler"],
  ['../out', "can't name a handler"],
  ['http', 'There is a built-in handler "http" already'],
  ['', "can't name a handler"],
])('the name "%s" is refused, and nothing is made', async (name, words) => {
  for (const more of [[], ['--built-in']]) {
    expect(await failureOf(newHandler(name, ...more))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(words),
    });
  }
  expect(readdirSync(folder)).toEqual(['node_modules']);
});

test('a name that is taken is refused, and what is there stays as it is', async () => {
  for (const more of [[], ['--built-in']]) {
    await newHandler('twice', ...more);
    expect(await failureOf(newHandler('twice', ...more))).toMatchObject({
      stderr: expect.stringContaining('is there already'),
    });
  }
});

test('without one name it says how it is called', async () => {
  for (const args of [[], ['a', 'b'], ['a', '--what']]) {
    expect(await failureOf(newHandler(...args))).toMatchObject({
      stderr: expect.stringContaining('new:handler -- NAME'),
    });
  }
});
