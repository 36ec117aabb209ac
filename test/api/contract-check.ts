import type { IncomingHttpHeaders } from 'node:http';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { openApiDocument } from '../../src/contract/openapi.js';

interface Described {
  headers?: Record<string, { required?: boolean }>;
  content?: Record<string, unknown>;
}
type Paths = Record<string, Record<string, { responses: Record<string, Described> }>>;

const ID = 'urn:carillon:openapi';
const document = openApiDocument('0.0.0-test');
const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
ajv.addSchema({ $id: ID, ...document });

// A fixed path before one with a variable in its place, as the router has them.
const paths = Object.entries(document['paths'] as Paths)
  .toSorted(([a], [b]) => (a.replaceAll('{', '~') < b.replaceAll('{', '~') ? -1 : 1))
  .map(([path, operations]) => ({
    path,
    operations,
    pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  }));
const validators = new Map<string, ValidateFunction>();

/** An answer as it came. */
export interface SeenAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/**
 * What of an answer the OpenAPI document does not allow: its status, its headers, its type, its body. Empty when it is as
 * documented. Where nothing is routed, it must be a problem.
 */
export function contractBreaches(method: string, target: string, answer: SeenAnswer): string[] {
  const path = target.split('?', 1)[0] ?? '';
  if (!path.startsWith('/api/')) return [];
  const item = paths.find(({ pattern }) => pattern.test(path));
  const operation = item?.operations[method.toLowerCase()];
  if (!item || !operation) return answer.status < 400 || method === 'HEAD' ? [] : problemBreaches(answer);
  const name = `${method} ${item.path}`;
  const described = operation.responses[answer.status];
  if (!described) return [`${name} answered ${answer.status}, which is not documented: ${answer.text}`];
  const type = mediaType(answer);
  const missing = Object.entries(described.headers ?? {})
    .filter(([header, { required }]) => required && answer.headers[header.toLowerCase()] === undefined)
    .map(([header]) => `${name} answered ${answer.status} without the header ${header}`);
  if (!described.content)
    return [...missing, ...(answer.text === '' ? [] : [`${name} answered ${answer.status} with a body`])];
  if (!(type in described.content)) return [...missing, `${name} answered ${answer.status} as "${type}"`];
  const pointer = [item.path, method.toLowerCase(), 'responses', `${answer.status}`, 'content', type, 'schema'];
  return [...missing, ...bodyBreaches(`/paths/${pointer.map(escaped).join('/')}`, name, answer)];
}

function mediaType({ headers }: SeenAnswer): string {
  return headers['content-type']?.split(';', 1)[0] ?? '';
}

function problemBreaches(answer: SeenAnswer): string[] {
  const type = mediaType(answer);
  if (type !== 'application/problem+json') return [`a refusal as "${type}"`];
  return bodyBreaches('/components/schemas/Problem', 'a refusal', answer);
}

function bodyBreaches(pointer: string, name: string, answer: SeenAnswer): string[] {
  const { status, text } = answer;
  const isJson = /[/+]json$/.test(mediaType(answer));
  let validate = validators.get(pointer);
  if (!validate) validators.set(pointer, (validate = ajv.compile({ $ref: `${ID}#${pointer}` })));
  if (validate(isJson ? JSON.parse(text) : text)) return [];
  return [
    `${name} answered ${status} with a body that is not as documented: ${ajv.errorsText(validate.errors)}: ${text}`,
  ];
}

function escaped(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}
