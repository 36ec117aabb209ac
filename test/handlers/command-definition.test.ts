import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { commandDefinition } from '../../src/handlers/command/definition.js';

const command = ['true'];
const accepts = (payload: unknown) => commandDefinition.payloadSchema.parse(payload);
const problems = (payload: unknown) =>
  commandDefinition.payloadSchema
    .safeParse(payload)
    .error?.issues.map((issue) => [issue.path.join('/'), issue.message]);

test('commands are privileged, and their payload has a JSON Schema', () => {
  expect(commandDefinition.privileged).toBe(true);
  expect(z.toJSONSchema(commandDefinition.payloadSchema)).toBeInstanceOf(Object);
});

test.each([
  [{ command }],
  [{ command: ['/usr/bin/pg_dump', '', 'a b', '$(id)', '-'.repeat(30_000)] }],
  [{ shell: 'a | b' }],
  [{ command, environment: { A: '', _b1: 'x\ny', PATH: '/opt/bin', HOME: '/root' } }],
  [{ command, workingFolder: '/var/lib' }],
  [{ command, stdin: 'text' }],
  [{ command, stdin: { a: [1, null] } }],
  [{ command, stdin: null }],
  [{ command, stdin: 'x'.repeat(64 * 1024) }],
  [{ command, limits: {} }],
  [{ command, limits: { memory: '512MiB', cpuTime: 'PT1H30M', output: '10KiB' } }],
  [{ command, limits: { memory: 4_194_304, cpuTime: 'PT168H', output: 0 } }],
  [{ command, successExitCodes: [0, 3], retryExitCodes: [75] }],
  [{ command, retryExitCodes: [] }],
])('the payload %# is accepted and kept as it is', (payload) => {
  expect(accepts(payload)).toEqual(payload);
});

test('the requests of the guide are accepted', () => {
  const guide = readFileSync(new URL('../../docs/guides/handlers/command.md', import.meta.url), 'utf8');
  const requests = [...guide.matchAll(/^```json\n([^]*?)^```/gm)]
    .map(([, json = '']) => JSON.parse(json) as { handler?: string; payload?: unknown })
    .filter(({ handler }) => handler === 'command');
  expect(requests).toHaveLength(3);
  for (const { payload } of requests) accepts(payload);
});

describe('what is run', () => {
  test.each([
    [{}, '', 'Exactly one of command and shell must be given.'],
    [{ command, shell: 'true' }, '', 'Exactly one of command and shell must be given.'],
    [{ command: 'rm -rf /' }, 'command', 'The command must be an array of strings: the program, then its arguments.'],
    [{ command: [] }, 'command', 'The command must begin with the name or path of a program.'],
    [{ command: ['', 'a'] }, 'command', 'The command must begin with the name or path of a program.'],
    [{ command: ['a', 1] }, 'command/1', 'Each entry of command must be a string.'],
    [{ command: ['a', 'b\0c'] }, 'command', 'The command may hold no NUL character.'],
    [{ command: Array.from({ length: 101 }, () => 'a') }, 'command', 'The command may have at most 100 entries.'],
    [{ command: ['a', 'é'.repeat(16_384)] }, 'command', 'The command must be at most 32 KiB long.'],
    [{ shell: ' \n' }, 'shell', 'The shell script must not be empty.'],
    [{ shell: ['a'] }, 'shell', 'The shell script must be a string.'],
    [{ shell: 'a\0' }, 'shell', 'The shell script may hold no NUL character.'],
    [{ shell: 'é'.repeat(16_385) }, 'shell', 'The shell script must be at most 32 KiB long.'],
    [{ command, args: [] }, '', 'A command job has no field args.'],
    ['ls', '', 'The payload of a command job must be an object with command or shell.'],
  ])('is refused in case %#', (payload, path, message) => {
    expect(problems(payload)).toEqual([[path, message]]);
  });
});

describe('an environment is refused', () => {
  const loaders = ['LD_PRELOAD', 'LD_LIBRARY_PATH', 'LD_AUDIT', 'DYLD_INSERT_LIBRARIES', 'NODE_OPTIONS', 'BASH_ENV'];
  test.each([...loaders, 'ENV', 'PERL5OPT', 'PYTHONSTARTUP', 'RUBYOPT', 'JAVA_TOOL_OPTIONS', 'GCONV_PATH'])(
    'with %s',
    (name) => {
      expect(problems({ command, environment: { [name]: 'secret' } })).toEqual([
        [`environment/${name}`, `The variable ${name} loads code into programs and cannot be given in environment.`],
      ]);
    },
  );

  test.each([
    [{ CARILLON_RUN_ID: 'x' }, 'Variables that start with CARILLON_ are set by Carillon'],
    [{ 'a b': 'x' }, 'A name in environment may hold only letters'],
    [{ '1A': 'x' }, 'A name in environment may hold only letters'],
    [{ 'A=B': 'x' }, 'A name in environment may hold only letters'],
    [{ '': 'x' }, 'A name in environment may hold only letters'],
    [{ A: 'secret\0' }, 'The value of A in environment may hold no NUL character.'],
    [{ A: 1 }, 'A value in environment must be a string.'],
    [{ A: 's'.repeat(64 * 1024) }, 'The environment must be at most 64 KiB long.'],
    [Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`A${i}`, ''])), 'at most 100 variables'],
    ['A=1', 'The environment must be an object of strings.'],
  ])('in case %#, without repeating a value', (environment, message) => {
    const found = problems({ command, environment });
    expect(found).toEqual([[expect.stringMatching(/^environment/), expect.stringContaining(message)]]);
    expect(JSON.stringify(found)).not.toContain('secret');
  });
});

const MEMORY = 'The limit memory must be a number of bytes or a size such as 512MiB, from 4MiB to 1024GiB.';
const OUTPUT = 'The limit output must be a number of bytes or a size such as 512MiB, from 0 to 960KiB.';
const CPU_TIME = 'The limit cpuTime must be an ISO 8601 duration in whole seconds, such as PT30S, from PT1S to PT168H.';

describe('a field is refused by name:', () => {
  test.each([
    [{ workingFolder: 'data' }, 'workingFolder', 'The workingFolder must be an absolute path of at most'],
    [{ workingFolder: '/a\0' }, 'workingFolder', 'The workingFolder must be an absolute path of at most'],
    [{ stdin: 'x'.repeat(65_537) }, 'stdin', 'The stdin must be at most 64 KiB long.'],
    [{ stdin: ['x'.repeat(65_536)] }, 'stdin', 'The stdin must be at most 64 KiB long.'],
    [{ limits: { memory: '512MB' } }, 'limits/memory', MEMORY],
    [{ limits: { memory: '1MiB' } }, 'limits/memory', MEMORY],
    [{ limits: { memory: 1e7 + 0.5 } }, 'limits/memory', MEMORY],
    [{ limits: { memory: '9999GiB' } }, 'limits/memory', MEMORY],
    [{ limits: { memory: true } }, 'limits/memory', MEMORY],
    [{ limits: { output: '1MiB' } }, 'limits/output', OUTPUT],
    [{ limits: { output: -1 } }, 'limits/output', OUTPUT],
    [{ limits: { cpuTime: 'PT0.5S' } }, 'limits/cpuTime', CPU_TIME],
    [{ limits: { cpuTime: 'PT0S' } }, 'limits/cpuTime', CPU_TIME],
    [{ limits: { cpuTime: 'PT169H' } }, 'limits/cpuTime', CPU_TIME],
    [{ limits: { cpuTime: 'PT' } }, 'limits/cpuTime', CPU_TIME],
    [{ limits: { cpuTime: 30 } }, 'limits/cpuTime', CPU_TIME],
    [{ limits: { disk: 1 } }, 'limits', 'The limits have no field disk.'],
    [{ successExitCodes: [] }, 'successExitCodes', 'The successExitCodes must name at least one code.'],
    [{ successExitCodes: [256] }, 'successExitCodes/0', 'Each of successExitCodes must be a whole number'],
    [{ successExitCodes: [1.5] }, 'successExitCodes/0', 'Each of successExitCodes must be a whole number'],
    [{ retryExitCodes: ['1'] }, 'retryExitCodes/0', 'Each of retryExitCodes must be a whole number'],
    [{ retryExitCodes: [0] }, 'retryExitCodes', 'A code of retryExitCodes cannot be one of successExitCodes'],
  ])('case %#', (fields, path, message) => {
    expect(problems({ command, ...fields })).toEqual([[path, expect.stringContaining(message)]]);
  });
});
