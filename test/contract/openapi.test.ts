import { expect, test } from '@jest/globals';
import type { Endpoint } from '../../src/contract/endpoint.js';
import { endpoints } from '../../src/contract/endpoints.js';
import { openApiDocument } from '../../src/contract/openapi.js';

interface Parameter {
  name: string;
  in: string;
  required: boolean;
  schema: object;
}
interface Operation {
  operationId: string;
  parameters: Parameter[];
  responses: Record<string, { headers?: Record<string, object> }>;
}

/** The parts of the document that are looked at here. */
const document = openApiDocument('1.2.3') as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { properties: Record<string, { type: string }> }> };
};
const operations = Object.values(document.paths).flatMap((path) => Object.values(path));

test('the document has every endpoint, each under a name of its own', () => {
  expect(operations.map((operation) => operation.operationId).toSorted()).toEqual(Object.keys(endpoints).toSorted());
});

test('every reference leads to a component', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref ?? '');
  expect(references.length).toBeGreaterThan(20);
  for (const reference of references) {
    const [, component] = /^#\/components\/schemas\/(\w+)$/.exec(reference) ?? [];
    expect(Object.keys(document.components.schemas)).toContain(component);
  }
});

test('every variable of a path is declared, and required', () => {
  for (const [path, item] of Object.entries(document.paths)) {
    const variables = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    for (const operation of Object.values(item)) {
      const declared = operation.parameters.filter((parameter) => parameter.in === 'path');
      expect(declared.map((parameter) => parameter.name)).toEqual(variables);
      expect(declared.every((parameter) => parameter.required)).toBe(true);
    }
  }
});

test('each operation has the headers that it heeds and those that it answers with', () => {
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, { operationId, parameters, responses }] of Object.entries(item)) {
      const isPost = method === 'post';
      const isOfJob = path === '/api/jobs/{jobId}';
      expect([operationId, parameters.filter((one) => one.in === 'header').map(({ name }) => name)]).toEqual([
        operationId,
        [
          'Carillon-Project',
          ...(isPost ? ['Idempotency-Key'] : []),
          ...(isOfJob && method !== 'get' ? ['If-Match'] : []),
          ...(isOfJob && method === 'get' ? ['If-None-Match'] : []),
          'X-Request-Id',
          'traceparent',
        ],
      ]);
      for (const { headers = {} } of Object.entries(responses).flatMap(([status, one]) =>
        status === '304' ? [] : [one],
      )) {
        expect(Object.keys(headers)).toEqual(expect.arrayContaining(['X-Request-Id', 'traceresponse']));
      }
      const ok = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1];
      expect([operationId, 'Idempotency-Replayed' in (ok?.headers ?? {})]).toEqual([operationId, isPost]);
      expect([operationId, '412' in responses]).toEqual([operationId, isOfJob && method !== 'get']);
      expect([operationId, '304' in responses]).toEqual([operationId, isOfJob && method === 'get']);
    }
  }
});

test('every operation can be 401 and says what it answers', () => {
  for (const operation of operations) {
    expect(operation.responses).toHaveProperty('401');
    expect(operation.responses).toHaveProperty('500');
    expect(Object.keys(operation.responses).some((status) => status.startsWith('2'))).toBe(true);
  }
});

test.each(Object.entries<Endpoint>(endpoints))('the examples of %s are valid', (_name, { body, ok, examples }) => {
  if (body) body.parse(examples.body);
  // An answer's schema drops fields that it does not know: nothing may be lost.
  expect(ok.schema.parse(examples.answer)).toEqual(examples.answer);
});

test('what a user may send is described as it is sent: durations and instants as texts, page as a number', () => {
  const SubmitJob = document.components.schemas['SubmitJob'];
  expect(SubmitJob).toMatchObject({ required: ['jobName', 'jobType'], additionalProperties: false });
  expect(SubmitJob?.properties['timeout']?.type).toBe('string');
  const page = document.paths['/api/jobs']?.['get']?.parameters.find((parameter) => parameter.name === 'page');
  expect(page).toMatchObject({ required: false, schema: { type: 'integer', minimum: 1 } });
});
