import { z } from 'zod';
import { errorCodes, type ErrorCode } from '../domain/errors.js';
import { needsProject } from '../domain/permissions.js';
import { endpoints, type AnswerHeader, type Endpoint } from './endpoints.js';
import { ProblemAnswer } from './answers.js';

type Json = Record<string, unknown>;

const headerDescriptions: Record<AnswerHeader, string> = {
  Location: 'Where what was made can be read.',
  ETag: 'The generation of the job.',
  Link: 'The next page, as rel="next", while there is one.',
};

/** What can go wrong at every call. */
const commonRefusals: readonly ErrorCode[] = [
  'unauthenticated',
  'forbidden',
  'not_acceptable',
  'internal',
  'unavailable',
];
const projectRefusals: readonly ErrorCode[] = ['project_unnamed', 'project_not_found'];
const bodyRefusals: readonly ErrorCode[] = ['malformed_request', 'payload_too_large', 'unsupported_media_type'];

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

const projectHeader: Json = {
  name: 'Carillon-Project',
  in: 'header',
  required: false,
  schema: { type: 'string' },
  description: 'The slug of the project that is meant: for users who may use several.',
};

function operation(name: string, endpoint: Endpoint, components: Json): Json {
  const refusals = [
    ...commonRefusals,
    ...(needsProject(endpoint.permission) ? projectRefusals : (['project_not_found'] as const)),
    ...(endpoint.refusals ?? []),
    ...(endpoint.body ? bodyRefusals : []),
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
      projectHeader,
      ...parametersOf(endpoint.params, 'path', components),
      ...parametersOf(endpoint.query, 'query', components),
    ],
    ...(endpoint.body && {
      requestBody: {
        required: !endpoint.bodyOptional,
        content: {
          [endpoint.bodyType ?? 'application/json']: media(endpoint.body, 'input', components, endpoint.examples?.body),
        },
      },
    }),
    responses: {
      [endpoint.ok.status]: {
        description: 'Done.',
        headers: Object.fromEntries(
          (endpoint.ok.headers ?? []).map((header) => [
            header,
            { description: headerDescriptions[header], schema: { type: 'string' } },
          ]),
        ),
        content: { 'application/json': media(endpoint.ok.schema, 'output', components, endpoint.examples?.answer) },
      },
      ...problemResponses(refusals),
    },
  };
}

function problemResponses(codes: readonly ErrorCode[]): Json {
  const titles = new Map<number, Set<string>>();
  for (const code of codes) {
    const { status, title } = errorCodes[code];
    titles.set(status, (titles.get(status) ?? new Set()).add(title));
  }
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  return Object.fromEntries(
    [...titles].map(([status, texts]) => [status, { description: `${[...texts].join('; ')}.`, content }]),
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
