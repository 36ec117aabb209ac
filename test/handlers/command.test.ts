import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { temporaryDir } from '../support/temporary-dir.js';
import { commandContext, commands, messages } from './command-support.js';
import { failureOf } from './support.js';

const { run, runFolders, nothingIsLeft } = commands();

afterEach(nothingIsLeft);

describe('the environment of a command', () => {
  test("has nothing of the worker's own, and all that tells which run it is", async () => {
    process.env['CANARY_SECRET'] = 'sings';
    try {
      const { stdout } = await run({ command: ['env'] });
      const variables = Object.fromEntries(
        stdout
          .trim()
          .split('\n')
          .map((line) => line.split('=', 2)),
      );
      const folder = String(variables['HOME']);
      expect(path.dirname(folder)).toBe(runFolders);
      expect(variables).toEqual({
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        HOME: folder,
        TMPDIR: folder,
        LANG: 'C.UTF-8',
        CARILLON_RUN_FOLDER: folder,
        CARILLON_JOB_ID: 'job-1',
        CARILLON_RUN_ID: 'run-1',
        CARILLON_ATTEMPT: '2',
        CARILLON_SCHEDULED_FOR: '2026-03-03T06:00:00.000Z',
      });
    } finally {
      delete process.env['CANARY_SECRET'];
    }
  });

  test('has what the payload gives, over the defaults', async () => {
    const { stdout } = await run({ shell: 'echo "$GREETING $HOME"', environment: { GREETING: 'a  b', HOME: '/srv' } });
    expect(stdout).toBe('a  b /srv\n');
  });

  test('has the PATH that the operator chose', async () => {
    const folder = temporaryDir('bin');
    writeFileSync(path.join(folder, 'greet'), '#!/bin/sh\necho hello\n');
    chmodSync(path.join(folder, 'greet'), 0o755);
    expect((await commands({ path: folder }).run({ command: ['greet'] })).stdout).toBe('hello\n');
    expect(await failureOf(run({ command: ['greet'] }))).toMatchObject({ code: 'command_not_found' });
  });
});

test('arguments reach the program as they are: no shell reads them', async () => {
  const words = ['$(id)', '`id`', '; id', '', ' a  b ', '*', "'", '"', '\\', '-n', '日'];
  const { stdout } = await run({ command: ['printf', '<%s>', ...words] });
  expect(stdout).toBe(words.map((word) => `<${word}>`).join(''));
});

test('a shell script is read by a shell', async () => {
  expect((await run({ shell: 'printf "b\\na\\n" | sort' })).stdout).toBe('a\nb\n');
});

test('a command begins in an empty folder of its own, where it may leave what it likes', async () => {
  const script = 'ls -A | wc -l; pwd; mkdir -p a/b; echo x > a/b/c; ln -s / root; chmod 500 a/b; echo .';
  const { stdout } = await run({ shell: script });
  expect(stdout).toMatch(/^\s*0\n\/.*\/carillon-run-/);
  expect(readdirSync('/')).toContain('usr');
});

test('a command can begin in a folder that is there, which is kept', async () => {
  const workingFolder = temporaryDir('work');
  await run({ shell: 'pwd > here', workingFolder });
  expect(readdirSync(workingFolder)).toEqual(['here']);
});

test.each(['/no/such/folder', '/etc/passwd'])('a working folder %s that is no folder fails the run', async (folder) => {
  expect(await failureOf(run({ command: ['true'], workingFolder: folder }))).toMatchObject({
    code: 'working_folder_missing',
    retryable: false,
    message: `There is no folder "${folder}" on this node.`,
  });
});

describe('standard input', () => {
  test.each([
    ['a string as it is', 'päss\nword', 'päss\nword'],
    ['an object as JSON', { a: [1] }, '{"a":[1]}'],
    ['null as JSON', null, 'null'],
    ['nothing', undefined, ''],
  ])('is %s', async (_case, stdin, text) => {
    expect((await run({ command: ['cat'], ...(stdin === undefined ? {} : { stdin }) })).stdout).toBe(text);
  });

  test('can be 64 KiB long', async () => {
    expect((await run({ command: ['wc', '-c'], stdin: 'x'.repeat(64 * 1024) })).stdout.trim()).toBe('65536');
  });

  test('can be opened by its name', async () => {
    expect((await run({ command: ['cat', '/dev/stdin'], stdin: 'in' })).stdout).toBe('in');
  });

  test('need not be read', async () => {
    expect((await run({ shell: 'exec 0<&-; echo closed', stdin: 'x'.repeat(64 * 1024) })).stdout).toBe('closed\n');
    expect((await run({ command: ['true'], stdin: 'x'.repeat(64 * 1024) })).exitCode).toBe(0);
  });
});

test('standard output and error can be opened by their names', async () => {
  const context = commandContext();
  await run({ shell: 'echo out > /dev/stdout; echo err > /dev/stderr; echo both | tee /dev/stderr' }, context);
  expect(messages(context.lines, 'info')).toEqual(['out', 'both']);
  expect(messages(context.lines, 'warn')).toEqual(['err', 'both']);
});

describe('an exit code', () => {
  test('0 is success', async () => {
    expect(await run({ shell: 'echo out; echo err >&2' })).toEqual({
      exitCode: 0,
      durationMs: expect.any(Number),
      stdout: 'out\n',
      stderr: 'err\n',
      truncated: false,
    });
  });

  test.each([
    [1, { retryable: true, message: 'The command exited with code 1.' }],
    [137, { retryable: true, message: expect.stringContaining('SIGKILL ended a program that it ran.') }],
    [126, { code: 'command_not_executable', retryable: false }],
    [127, { code: 'command_not_found', retryable: false }],
  ])('%i fails the attempt', async (exitCode, failure) => {
    const expected = { code: 'command_exit', ...failure };
    expect(await failureOf(run({ shell: `exit ${exitCode}` }))).toMatchObject(expected);
  });

  test('is success where the payload says so, and 0 is not then', async () => {
    expect((await run({ shell: 'exit 3', successExitCodes: [3] })).exitCode).toBe(3);
    expect(await failureOf(run({ shell: 'exit 0', successExitCodes: [3] }))).toMatchObject({ code: 'command_exit' });
  });

  test('is worth another attempt where the payload says so, and no other one then', async () => {
    const retryExitCodes = [75, 127];
    expect(await failureOf(run({ shell: 'exit 75', retryExitCodes }))).toMatchObject({ retryable: true });
    expect(await failureOf(run({ shell: 'exit 127', retryExitCodes }))).toMatchObject({ retryable: true });
    expect(await failureOf(run({ shell: 'exit 1', retryExitCodes }))).toMatchObject({ retryable: false });
  });
});

test('a program that is not there is not looked for again', async () => {
  expect(await failureOf(run({ command: ['no-such-program', 'secret'] }))).toMatchObject({
    code: 'command_not_found',
    retryable: false,
    message: 'The program "no-such-program", or the interpreter that it names, is not on this node.',
  });
});

test('a file that is no program is not tried again', async () => {
  const file = path.join(temporaryDir('files'), 'data');
  writeFileSync(file, 'x');
  expect(await failureOf(run({ command: [file] }))).toMatchObject({ code: 'command_not_executable', retryable: false });
  expect(await failureOf(run({ command: ['/'] }))).toMatchObject({ code: 'command_not_executable', retryable: false });
});

test.each(['SIGKILL', 'SIGSEGV'] as const)('a command that %s ends may be tried again', async (signal) => {
  const failure = await failureOf(run({ shell: `kill -s ${signal.slice(3)} $$` }));
  expect(failure).toMatchObject({
    code: 'command_signal',
    retryable: true,
    message: expect.stringContaining(`The command was ended by ${signal}.`),
  });
});

test('a worker without a folder for runs fails the attempt, and it may be tried again', async () => {
  const { run: runThere } = commands({ runFolders: '/no/such/folder' });
  expect(await failureOf(runThere({ command: ['true'] }))).toMatchObject({
    code: 'run_folder_failed',
    retryable: true,
    message: 'No folder for the run could be made (ENOENT).',
  });
});

test('a user without its group, or a group without its user, is refused', () => {
  expect(() => commands({ uid: 65_534 })).toThrow('both a uid and a gid');
  expect(() => commands({ gid: 65_534 })).toThrow('both a uid and a gid');
});
