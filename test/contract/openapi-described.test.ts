import { expect, test } from '@jest/globals';
import { openApiDocument } from '../../src/contract/openapi.js';

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The names under which a JSON Schema holds further schemas, but for `properties`. */
const parts = ['items', 'anyOf', 'oneOf', 'allOf', 'additionalProperties'];

/** Whether a schema tells by itself what a value looks like: any but a text that could be anything. */
function isObvious(schema: Json): boolean {
  return schema['type'] !== 'string' || 'format' in schema || 'enum' in schema || 'const' in schema;
}

/** What a field or parameter lacks; its description may stand beside its schema. */
function lacks(pointer: string, schema: Json, description = schema['description']): string[] {
  return [
    ...(description === undefined ? [`${pointer} has no description`] : []),
    ...(isObvious(schema) || 'examples' in schema ? [] : [`${pointer} has no example`]),
  ];
}

/** What the fields of a schema lack, however deep. */
function inSchema(pointer: string, schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap((one, index) => inSchema(`${pointer}/${index}`, one));
  if (!isObject(schema)) return [];
  const { properties } = schema;
  const fields = isObject(properties) ? Object.entries(properties) : [];
  return [
    ...fields.flatMap(([name, field]) => {
      const at = `${pointer}/properties/${name}`;
      return isObject(field) ? [...lacks(at, field), ...inSchema(at, field)] : [];
    }),
    ...parts.flatMap((part) => inSchema(`${pointer}/${part}`, schema[part])),
  ];
}

interface Operation {
  summary?: string;
  parameters: { name: string; description?: string; schema: Json }[];
  requestBody?: { content: Record<string, Json> };
  responses: Record<string, { content: Record<string, Json> }>;
}

function inOperation(pointer: string, { summary, parameters, requestBody, responses }: Operation): string[] {
  const answers = Object.entries(responses).filter(([status]) => status.startsWith('2'));
  const bodies = [
    ...(requestBody ? [[`${pointer}/requestBody`, requestBody] as const] : []),
    ...answers.map(([status, answer]) => [`${pointer}/responses/${status}`, answer] as const),
  ];
  return [
    ...(summary === undefined ? [`${pointer} has no summary`] : []),
    ...parameters.flatMap(({ name, description, schema }) => lacks(`${pointer}/${name}`, schema, description)),
    ...bodies.flatMap(([at, { content }]) =>
      Object.values(content).flatMap((media) => [
        ...('example' in media ? [] : [`${at} has no example`]),
        ...inSchema(at, media['schema']),
      ]),
    ),
  ];
}

function inDocument(document: Json): string[] {
  const { paths, components } = document as {
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, Json> };
  };
  return [
    ...Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).flatMap(([method, operation]) => inOperation(`${path} ${method}`, operation)),
    ),
    ...Object.entries(components.schemas).flatMap(([name, schema]) => inSchema(`/components/schemas/${name}`, schema)),
  ];
}

test('each field and parameter is described, a text that could be anything has an example, and so has each call', () => {
  expect(inDocument(openApiDocument('1.2.3'))).toEqual([]);
});

test('what lacks a description or an example is named', () => {
  const text = { type: 'string' };
  const schema = { type: 'object', properties: { list: { description: 'A list.', items: { properties: { text } } } } };
  const operation: Operation = {
    summary: 'Read it',
    parameters: [{ name: 'id', schema: { ...text, format: 'uuid' } }],
    responses: { 200: { content: { 'application/json': { schema } } } },
  };
  expect(inDocument({ paths: { '/it': { get: operation } }, components: { schemas: { It: schema } } })).toEqual([
    '/it get/id has no description',
    '/it get/responses/200 has no example',
    '/it get/responses/200/properties/list/items/properties/text has no description',
    '/it get/responses/200/properties/list/items/properties/text has no example',
    '/components/schemas/It/properties/list/items/properties/text has no description',
    '/components/schemas/It/properties/list/items/properties/text has no example',
  ]);
});
