import { afterEach, describe, expect, test } from '@jest/globals';
import { printable } from '../../src/handlers/command/text.js';
import { commandContext, commands, messages } from './command-support.js';

const KIB = 1_024;
const { run, nothingIsLeft } = commands();

afterEach(nothingIsLeft);

describe('lines', () => {
  test.each([
    ['a CRLF', 'text\r', 'text'],
    ['colours', '\u001b[1;31mred\u001b[0m', 'red'],
    ['a title of the terminal', '\u001b]0;title\u0007text', 'text'],
    ['what was overwritten', ' 10%\r 20%\r100%\r', '100%'],
    ['NUL and other controls, but not the tab', 'a\0b\u0007\tc\u009f', 'ab\tc'],
  ])('lose %s', (_case, line, shown) => {
    expect(printable(line)).toBe(shown);
  });
});

test('stdout is logged as info and stderr as a warning, the last line without a line break too', async () => {
  const context = commandContext();
  await run({ shell: 'printf "a\\r\\n\\033[31mb\\033[0m\\n"; printf "c" ; printf "d\\ne" >&2' }, context);
  expect(messages(context.lines, 'info')).toEqual(['a', 'b', 'c']);
  expect(messages(context.lines, 'warn')).toEqual(['d', 'e']);
});

test('lines of progress are told, not logged; what only looks like them is logged', async () => {
  const context = commandContext();
  const script = `echo '::progress 0.5 half of it'; echo '::progress 1'; echo '::progress 1.5'; echo '::progress x';
    echo '::progress 0.7' >&2`;
  await run({ shell: script }, context);
  expect(context.told).toEqual([
    [0.5, 'half of it'],
    [1, undefined],
  ]);
  expect(messages(context.lines, 'info')).toEqual(['::progress 1.5', '::progress x']);
  expect(messages(context.lines, 'warn')).toEqual(['::progress 0.7']);
});

describe('what following jobs are given is', () => {
  test.each([
    ['a JSON object on the last line', `echo log; echo '{"rows": 3}'`, { rows: 3 }],
    ['that line before blank ones and progress', `echo '{"rows": 3}'; echo; echo '::progress 1 done'`, { rows: 3 }],
    ['nothing after a line of text', `echo '{"rows": 3}'; echo done`, undefined],
    ['nothing for a JSON value that is no object', `echo '[1]'`, undefined],
    ['nothing for what is no JSON', `echo '{rows: 3}'`, undefined],
    ['nothing for the end of a longer line', `head -c 16383 /dev/zero | tr '\\0' x; printf '{"a":1}'`, undefined],
    [
      'nothing for an object that JSON writes longer',
      `echo "{\\"a\\":[1e20$(yes ,1e20 | head -n 2000 | tr -d '\\n')]}"`,
      undefined,
    ],
  ])('%s', async (_case, shell, output) => {
    expect((await run({ shell })).output).toEqual(output);
  });
});

describe('a flood', () => {
  test('of lines is logged up to the limit, with one line that says so, and read to its end', async () => {
    const context = commandContext();
    const result = await run({ shell: 'yes | head -c 50000000; echo end' }, context);
    const info = messages(context.lines, 'info');
    expect(info.length).toBe(Math.floor((960 * KIB) / 65));
    expect(new Set(info)).toEqual(new Set(['y']));
    expect(messages(context.lines, 'warn')).toEqual([
      'The output is over the limit of 983040 bytes: the rest of it is not logged.',
    ]);
    expect(result).toMatchObject({ exitCode: 0, truncated: true, stdout: expect.stringMatching(/^y?\n(y\n)+end\n$/) });
    expect(result.stdout.length).toBe(16 * KIB);
  });

  test('of bytes that are no text neither stops the run nor makes a result over 64 KiB', async () => {
    const context = commandContext();
    const result = await run({ shell: 'head -c 50000000 /dev/urandom; head -c 50000 /dev/urandom >&2' }, context);
    expect(result.truncated).toBe(true);
    expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThanOrEqual(64 * KIB);
    expect(context.lines.every((line) => line.message.length <= 8 * KIB)).toBe(true);
    const bytes = context.lines.reduce((sum, line) => sum + Buffer.byteLength(line.message), 0);
    expect(bytes).toBeLessThanOrEqual(961 * KIB);
  });

  test.each(['"', '\\\\', '\\n', '\\t'])('of %s makes no result over 64 KiB', async (character) => {
    const write = `head -c 100000 /dev/zero | tr '\\0' '${character}'`;
    const result = await run({ shell: `${write}; ${write} >&2` });
    expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThanOrEqual(64 * KIB);
    expect(result.stdout.length).toBe(16 * KIB);
  });

  test('can be kept out of the log', async () => {
    const context = commandContext();
    const result = await run({ shell: 'echo secret', limits: { output: 0 } }, context);
    expect(context.lines.map((line) => line.message)).toEqual([
      'The output is over the limit of 0 bytes: the rest of it is not logged.',
    ]);
    expect(result.stdout).toBe('secret\n');
  });

  test('without end ends with its run', async () => {
    const stop = new AbortController();
    const context = commandContext(stop.signal);
    const reason = new Error('cancelled');
    const log = context.log;
    context.log = (...line) => {
      log(...line);
      if (line[0] === 'warn') stop.abort(reason);
    };
    await expect(run({ command: ['yes'] }, context)).rejects.toBe(reason);
  });
});
