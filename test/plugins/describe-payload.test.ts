import { cpSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { builtinDefinitions } from '../../src/handlers/definitions.js';
import { describePayload } from '../../src/plugins/index.js';
import { temporaryDir } from '../support/temporary-dir.js';
import { projectFolder } from './support.js';

const payloadOf = (copy: typeof z) =>
  copy.strictObject({
    text: copy.string().min(1).describe('What to say.'),
    times: copy.int().max(9).default(1),
    when: copy.date().optional(),
    check: copy.custom<string>(() => true),
  });

const described = {
  type: 'object',
  properties: {
    text: { type: 'string', minLength: 1, description: 'What to say.' },
    times: { type: 'integer', maximum: 9, default: 1 },
    when: {},
    check: {},
  },
  required: ['text', 'check'],
  additionalProperties: false,
};

test('a payload is described by JSON Schema, as it is submitted, without the checks that cannot be said', () => {
  expect(describePayload({ payloadSchema: payloadOf(z) })).toMatchObject(described);
});

test('a schema of another copy of zod is described as one of ours', async () => {
  const copy = path.join(temporaryDir('zod'), 'zod');
  cpSync(path.join(projectFolder, 'node_modules/zod'), copy, { recursive: true });
  const { z: other } = (await import(pathToFileURL(path.join(copy, 'index.js')).href)) as { z: typeof z };
  expect(other.ZodString).not.toBe(z.ZodString);
  expect(describePayload({ payloadSchema: payloadOf(other) })).toMatchObject(described);
});

test('a schema that cannot be read allows anything', () => {
  const odd = { _zod: { def: { type: 'made up' } } } as unknown as z.ZodType;
  expect(describePayload({ payloadSchema: odd })).toEqual({});
});

test('the payload of every built-in handler can be described', () => {
  for (const definition of builtinDefinitions) expect(describePayload(definition)).toHaveProperty('$schema');
});
