import { expect, test } from '@jest/globals';
import { programOf } from '../../src/handlers/command/program.js';
import { commands } from './command-support.js';
import { failureOf } from './support.js';

const { run } = commands();

test('a command without limits is started itself', () => {
  expect(programOf({ command: ['a', 'b'] }, 'linux')).toEqual({ file: 'a', args: ['b'] });
  expect(programOf({ command: ['a'], limits: { output: 1 } }, 'darwin')).toEqual({ file: 'a', args: [] });
});

test('limits on a system that does not enforce them are refused', () => {
  for (const limits of [{ memory: '512MiB' }, { cpuTime: 'PT1S' }]) {
    expect(() => programOf({ command: ['true'], limits }, 'darwin')).toThrow(
      expect.objectContaining({ code: 'limits_unsupported', retryable: false }),
    );
  }
});

if (process.platform === 'linux') {
  const node = process.execPath;

  test('with limits, too, arguments reach the program as they are', async () => {
    const words = ['$(id)', '; id', '', ' a  b ', '*', "'"];
    const { stdout } = await run({
      command: ['printf', '<%s>', ...words],
      limits: { memory: '1GiB', cpuTime: 'PT1M' },
    });
    expect(stdout).toBe(words.map((word) => `<${word}>`).join(''));
  });

  test('with limits, too, a program that is not there is not looked for again', async () => {
    const failure = await failureOf(run({ command: ['no-such-program'], limits: { cpuTime: 'PT1M' } }));
    expect(failure).toMatchObject({ code: 'command_not_found', retryable: false });
  });

  test('a command may use the memory it is given, and no more', async () => {
    const use = 'const held = Buffer.alloc(300 * 1024 * 1024, 1); console.log(held.length)';
    expect((await run({ command: [node, '-e', use], limits: { memory: '1GiB' } })).stdout).toBe('314572800\n');
    const failure = await failureOf(run({ command: [node, '-e', use], limits: { memory: '200MiB' } }));
    expect(failure).toMatchObject({ code: expect.stringMatching(/^command_(exit|signal)$/), retryable: true });
  });

  test('a command that a signal ended says that its memory was limited', async () => {
    const failure = await failureOf(run({ shell: 'kill -s KILL $$', limits: { memory: '512MiB' } }));
    expect(failure).toMatchObject({ code: 'command_signal', message: expect.stringContaining('limited to 512MiB') });
  });

  test('a command that has used up its CPU time is ended, and says so', async () => {
    const failure = await failureOf(run({ shell: 'while :; do :; done', limits: { cpuTime: 'PT1S' } }));
    expect(failure).toMatchObject({
      code: 'command_signal',
      message: 'The command was ended by SIGXCPU. It used up its CPU time, limited to PT1S.',
    });
  });
}
