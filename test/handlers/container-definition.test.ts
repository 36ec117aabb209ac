import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { containerDefinition } from '../../src/handlers/container/definition.js';

const image = 'alpine:3.20';
const problems = (payload: unknown) =>
  containerDefinition.payloadSchema
    .safeParse(payload)
    .error?.issues.map(({ path, message }) => [path.join('/'), message]);

test('containers act with the rights of their node, so an operator must allow them', () => {
  expect(containerDefinition).toMatchObject({ name: 'container', privileged: true });
  expect(z.toJSONSchema(containerDefinition.payloadSchema)).toBeInstanceOf(Object);
});

test.each([
  [{ image }],
  [{ image, command: ['sh', '-c', ''], entrypoint: ['/bin/sh'] }],
  [{ image, environment: { A: '', _b: 'x\ny', 'a.b-c': '1' }, workingFolder: '/', user: 'app' }],
  [{ image, user: '1000:1000', limits: {}, network: 'none', readOnly: false, pull: 'missing' }],
  [{ image, limits: { memory: '6MiB', cpus: 0.1, processes: 1 }, network: 'bridge', readOnly: true, pull: 'always' }],
  [{ image, limits: { memory: '1024GiB', cpus: 64, processes: 32_768 }, pull: 'never' }],
])('the payload %j is accepted and kept as it is', (payload) => {
  expect(containerDefinition.payloadSchema.parse(payload)).toEqual(payload);
});

const MEMORY = 'The memory must be a size such as 512MiB or 2GiB, from 6MiB to 1024GiB.';
const USER = 'The user must be a name or number, with a group or without, such as 1000:1000.';
const FOLDER = 'The workingFolder must be an absolute path without control characters, such as /work.';
const IMAGE = 'The image must be a reference such as alpine:3.20 or registry.example.com/team/app@sha256:<64 digits>.';
const VARIABLE = 'A name in environment must be 1 to 128 letters, digits and _.-, and begin with no digit.';
const RESERVED = 'Variables that start with CARILLON_ are set by Carillon and cannot be given in environment.';

test.each([
  [undefined, '', 'The payload of a container job must be an object with an image.'],
  [{}, 'image', 'The image must be given, as a string.'],
  [{ image: 7 }, 'image', 'The image must be given, as a string.'],
  [{ image: 'Not An Image' }, 'image', IMAGE],
  [{ image: 'a'.repeat(256) }, 'image', 'The image must be at most 255 characters long.'],
  [{ image, privileged: true }, '', 'A container job has no field privileged.'],
  [{ image, mounts: [], registryAuth: {} }, '', 'A container job has no field mounts, registryAuth.'],
  [{ image, network: 'host' }, 'network', 'The network must be none or bridge.'],
  [{ image, network: 'container:postgres' }, 'network', 'The network must be none or bridge.'],
  [{ image, pull: 'sometimes' }, 'pull', 'The pull must be missing, always or never.'],
  [{ image, readOnly: 'yes' }, 'readOnly', 'readOnly must be true or false.'],
  [{ image, command: 'date' }, 'command', 'The command must be a list of strings, such as ["sh", "-c", "date"].'],
  [{ image, command: [] }, 'command', 'The command must have 1 to 128 parts.'],
  [{ image, command: Array.from({ length: 129 }, () => 'x') }, 'command', 'The command must have 1 to 128 parts.'],
  [{ image, command: ['a\0'] }, 'command', 'The command must hold no NUL.'],
  [{ image, command: [1] }, 'command/0', 'Each part of the command must be a string.'],
  [
    { image, entrypoint: ['x'.repeat(32_769)] },
    'entrypoint',
    'A part of the entrypoint is longer than 32,768 characters.',
  ],
  [{ image, environment: [] }, 'environment', 'The environment must be an object of strings.'],
  [{ image, environment: { A: 1 } }, 'environment/A', 'A value in environment must be a string.'],
  [{ image, environment: { '1A': '' } }, 'environment/1A', VARIABLE],
  [{ image, environment: { 'A=B': '' } }, 'environment/A=B', VARIABLE],
  [{ image, environment: { CARILLON_RUN_ID: 'x' } }, 'environment/CARILLON_RUN_ID', RESERVED],
  [{ image, environment: { A: '\0' } }, 'environment/A', 'The value of A in environment may hold no NUL character.'],
  [
    { image, environment: { A: 'x'.repeat(32_769) } },
    'environment/A',
    'The value of A in environment is longer than 32,768 characters.',
  ],
  [
    { image, environment: Object.fromEntries(Array.from({ length: 129 }, (_, i) => [`A${i}`, ''])) },
    'environment',
    'The environment may have at most 128 variables.',
  ],
  [{ image, workingFolder: 'work' }, 'workingFolder', FOLDER],
  [{ image, workingFolder: '/a\nb' }, 'workingFolder', FOLDER],
  [
    { image, workingFolder: `/${'a'.repeat(4_096)}` },
    'workingFolder',
    'The workingFolder must be at most 4,096 characters long.',
  ],
  [{ image, user: '' }, 'user', USER],
  [{ image, user: '1:2:3' }, 'user', USER],
  [{ image, user: 'a b' }, 'user', USER],
  [{ image, limits: { disk: 1 } }, 'limits', 'The limits have no field disk.'],
  [{ image, limits: { memory: 512 } }, 'limits/memory', 'The memory must be a size such as 512MiB or 2GiB.'],
  [{ image, limits: { memory: '512' } }, 'limits/memory', MEMORY],
  [{ image, limits: { memory: '512MB' } }, 'limits/memory', MEMORY],
  [{ image, limits: { memory: '5MiB' } }, 'limits/memory', MEMORY],
  [{ image, limits: { memory: '1025GiB' } }, 'limits/memory', MEMORY],
  [{ image, limits: { memory: '-1' } }, 'limits/memory', MEMORY],
  [{ image, limits: { cpus: 0 } }, 'limits/cpus', 'The cpus must be from 0.1 to 64.'],
  [{ image, limits: { cpus: 65 } }, 'limits/cpus', 'The cpus must be from 0.1 to 64.'],
  [{ image, limits: { cpus: '1' } }, 'limits/cpus', 'The cpus must be a number.'],
  [{ image, limits: { processes: 0 } }, 'limits/processes', 'The processes must be from 1 to 32,768.'],
  [{ image, limits: { processes: 1.5 } }, 'limits/processes', 'The processes must be a whole number.'],
])('the payload %j is refused with a sentence', (payload, path, message) => {
  expect(problems(payload)).toEqual([[path, message]]);
});

test('a message never repeats a value, which may be a secret', () => {
  const bad = {
    image,
    environment: { A: 'canary\0' },
    command: ['canary\0'],
    user: 'canary!',
    workingFolder: 'canary',
  };
  expect(JSON.stringify(problems(bad))).not.toContain('canary');
});

test('the requests of the guide have payloads that are accepted', () => {
  const guide = readFileSync('docs/guides/handlers/container.md', 'utf8');
  const blocks = [...guide.matchAll(/```json\n(.*?)```/gs)].map(
    ([, text = '']) => JSON.parse(text) as { payload?: unknown },
  );
  const payloads = blocks.flatMap(({ payload }) => (payload === undefined ? [] : [payload]));
  expect(payloads).toHaveLength(3);
  for (const payload of payloads) expect(problems(payload)).toBeUndefined();
});
