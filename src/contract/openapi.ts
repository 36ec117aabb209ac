import { z } from 'zod';
import { errorCodes, type ErrorCode } from '../domain/errors.js';
import { needsProject } from '../domain/permissions.js';
import type { Endpoint } from './endpoint.js';
import { endpoints } from './endpoints.js';
import { answerHeadersOf, BEFORE_READING, headerParameters, problemHeadersOf } from './headers.js';
import { ProblemAnswer } from './answers.js';

type Json = Record<string, unknown>;

/** What can go wrong at every call. */
const commonRefusals: readonly ErrorCode[] = [
  'unauthenticated',
  'forbidden',
  'not_acceptable',
  'headers_too_large',
  'internal',
  'rate_limited',
  'unavailable',
];
const projectRefusals: readonly ErrorCode[] = ['project_unnamed', 'project_not_found'];
const bodyRefusals: readonly ErrorCode[] = ['malformed_request', 'payload_too_large', 'unsupported_media_type'];

/** What an `Idempotency-Key` can be refused for. */
const idempotencyRefusals: readonly ErrorCode[] = [
  'malformed_request',
  'idempotency_key_reused',
  'idempotency_in_progress',
];

/** The OpenAPI 3.1 document of the table of endpoints. */
export function openApiDocument(version: string): Json {
  const components: Json = {};
  const paths: Record<string, Json> = {};
  for (const [name, endpoint] of Object.entries<Endpoint>(endpoints)) {
    const path = endpoint.path.replaceAll(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[endpoint.method] = operation(name, endpoint, components);
  }
  schemaOf(ProblemAnswer, 'output', components);
  return {
    openapi: '3.1.0',
    info: { title: 'Carillon', version, description: 'A distributed job scheduler.', license: { name: 'UNLICENSED' } },
    servers: [{ url: '/' }],
    security: [{ apiKey: [] }, { accessToken: [] }],
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key: `Authorization: Bearer carillon_...`' },
        accessToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'An access token of the OIDC provider that is configured.',
        },
      },
    },
  };
}

function operation(name: string, endpoint: Endpoint, components: Json): Json {
  const refusals = [
    ...commonRefusals,
    ...(needsProject(endpoint.permission) ? projectRefusals : (['project_not_found'] as const)),
    ...(endpoint.refusals ?? []),
    ...(endpoint.body ? bodyRefusals : []),
    ...(endpoint.method === 'post' ? idempotencyRefusals : []),
    ...(endpoint.ok.shownOnce === undefined ? [] : (['idempotency_answer_not_kept'] as const)),
    ...(endpoint.body || endpoint.params || endpoint.query
      ? (['validation_failed', 'malformed_request'] as const)
      : []),
  ];
  return {
    operationId: name,
    summary: endpoint.summary,
    description:
      endpoint.permission === 'authenticated'
        ? 'For everybody who is let in.'
        : `Needs the permission \`${endpoint.permission}\`.`,
    parameters: [
      ...parametersOf(endpoint.params, 'path', components),
      ...parametersOf(endpoint.query, 'query', components),
      ...headerParameters(endpoint),
    ],
    ...(endpoint.body && {
      requestBody: {
        required: !endpoint.bodyOptional,
        content: {
          [endpoint.bodyType ?? 'application/json']: media(endpoint.body, 'input', components, endpoint.examples.body),
        },
      },
    }),
    responses: {
      [endpoint.ok.status]: {
        description: 'Done.',
        headers: answerHeadersOf(endpoint),
        content: {
          'application/json': media(endpoint.ok.schema, 'output', components, endpoint.examples.answer),
          ...textsOf(endpoint),
        },
      },
      ...(endpoint.ok.headers?.includes('ETag') && { 304: { description: 'It is as If-None-Match has it.' } }),
      ...problemResponses(endpoint, refusals),
    },
  };
}

function textsOf({ ok }: Endpoint): Json {
  const texts = Object.entries(ok.texts ?? {});
  return Object.fromEntries(texts.map(([type, example]) => [type, { schema: { type: 'string' }, example }]));
}

function problemResponses(endpoint: Endpoint, codes: readonly ErrorCode[]): Json {
  const titles = new Map<number, Set<string>>();
  for (const code of codes) {
    const { status, title } = errorCodes[code];
    titles.set(status, (titles.get(status) ?? new Set()).add(title));
  }
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  return Object.fromEntries(
    [...titles].map(([status, texts]) => [
      status,
      {
        description: `${[...texts].join('; ')}.`,
        headers: problemHeadersOf(status, endpoint),
        ...(status !== BEFORE_READING && { content }),
      },
    ]),
  );
}

function media(schema: z.ZodType, io: 'input' | 'output', components: Json, example: unknown): Json {
  return { schema: schemaOf(schema, io, components), ...(example === undefined ? {} : { example }) };
}

function parametersOf(schema: z.ZodType | undefined, where: 'path' | 'query', components: Json): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = schemaOf(schema, 'input', components) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => {
    const parameter: Json = { name, in: where, required: where === 'path' || required.includes(name), schema: rest };
    if (description !== undefined) parameter['description'] = description;
    return parameter;
  });
}

/** A schema as JSON Schema; the named ones among its parts go to `components`, and references point there. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', components: Json): Json {
  const { $schema: _, $defs, ...rest } = relocated(z.toJSONSchema(schema, { io })) as Json & { $defs?: Json };
  Object.assign(components, $defs);
  const id = z.globalRegistry.get(schema)?.id;
  if (id === undefined || '$ref' in rest) return rest;
  const { id: __, ...named } = rest;
  components[id] = named;
  return { $ref: `#/components/schemas/${id}` };
}

function relocated(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(relocated);
  if (typeof value === 'string') return value.replace(/^#\/\$defs\//, '#/components/schemas/');
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, relocated(part)]));
}
