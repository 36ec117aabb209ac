/** The OpenAPI document as a page for people: HTML without any script, and with nothing from elsewhere. */
import { createHash } from 'node:crypto';
import { escapeHtml } from './html.js';

interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  const?: unknown;
  enum?: unknown[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
}
interface Media {
  schema: Schema;
  example?: unknown;
}
interface Operation {
  operationId: string;
  summary: string;
  description: string;
  parameters: { name: string; in: string; required: boolean; description?: string; schema: Schema }[];
  requestBody?: { required: boolean; content: Record<string, Media> };
  responses: Record<string, { description: string; content?: Record<string, Media> }>;
}
interface Document {
  info: { title: string; version: string; description: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; color: #1c2430; background: #fff; max-width: 60rem; margin: 0 auto; padding: 1rem; }
a { color: #0b5cad; } code, pre { font: 0.875rem/1.45 ui-monospace, monospace; } code { overflow-wrap: anywhere; }
pre { background: #f3f5f8; padding: 0.75rem; overflow: auto; max-height: 30rem; }
section { border-top: 1px solid #cfd6df; margin-top: 2rem; } nav li { margin: 0.15rem 0; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.6rem 0.3rem 0; }
th { border-bottom: 1px solid #cfd6df; } .method { display: inline-block; min-width: 4rem; font-weight: 700; }
@media (prefers-color-scheme: dark) {
  body { color: #dfe5ec; background: #14181e; } a { color: #7db8f2; } pre { background: #1f252d; } section, th { border-color: #3a434e; }
}`;

/** Lets the page have its own style, and nothing else. */
export const docsPolicy = [
  ...["default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
].join('; ');

/** The page of a document that `openApiDocument` made. */
export function docsPage(document: object): string {
  const { info, paths, components } = document as Document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
  );
  const links = operations.map(
    ({ name, operation }) =>
      `<li><a href="#${escapeHtml(operation.operationId)}">${callOf(name)}</a> ${escapeHtml(operation.summary)}</li>`,
  );
  const title = `${escapeHtml(info.title)} ${escapeHtml(info.version)}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}: the API</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${title}</h1>
<p>${escapeHtml(info.description)} Every call needs an API key, or an access token of the OIDC provider: <code>Authorization: Bearer ...</code>
For programs: <a href="/openapi.json">openapi.json</a>.</p>
<nav aria-label="Calls"><ul>
${links.join('\n')}
</ul></nav>
<main>
${operations.map(({ name, operation }) => operationSection(name, operation)).join('\n')}
<h2>What bodies are made of</h2>
${Object.entries(components.schemas).map(schemaSection).join('\n')}
</main>
</body>
</html>
`;
}

function callOf(name: string): string {
  const [method = '', path = ''] = name.split(' ');
  return `<code><span class="method">${escapeHtml(method)}</span> ${escapeHtml(path)}</code>`;
}

function operationSection(name: string, operation: Operation): string {
  const { operationId, summary, description, parameters, requestBody, responses } = operation;
  const rows = parameters.map((one) => [
    `<code>${escapeHtml(one.name)}</code>`,
    escapeHtml(one.in),
    `${typeOf(one.schema)}${one.required ? ', required' : ''}`,
    prose(one.description ?? one.schema.description ?? ''),
  ]);
  return `<section id="${escapeHtml(operationId)}">
<h2>${escapeHtml(summary)}</h2>
<p>${callOf(name)}</p>
<p>${prose(description)} Its name is <code>${escapeHtml(operationId)}</code>.</p>
${table(['Parameter', 'In', 'Type', 'Meaning'], rows)}
${requestBody ? `<h3>Body${requestBody.required ? '' : ', which may be left out'}</h3>${mediaOf(requestBody.content)}` : ''}
<h3>Answers</h3>
${Object.entries(responses).map(answerOf).join('\n')}
</section>`;
}

function answerOf([status, { description, content = {} }]: [string, Operation['responses'][string]]): string {
  return `<p><strong>${escapeHtml(status)}</strong> ${escapeHtml(description)}</p>${status < '300' ? mediaOf(content) : ''}`;
}

function mediaOf(content: Record<string, Media>): string {
  return Object.entries(content)
    .map(([type, { schema, example }]) => {
      const text = typeof example === 'string' ? example : JSON.stringify(example, null, 2);
      return `<p><code>${escapeHtml(type)}</code>: ${typeOf(schema)}</p>${fieldsOf(schema)}${
        text === undefined ? '' : `<pre tabindex="0">${escapeHtml(text)}</pre>`
      }`;
    })
    .join('\n');
}

function schemaSection([name, schema]: [string, Schema]): string {
  return `<section id="${anchorOf(name)}">
<h3>${escapeHtml(name)}</h3>
<p>${prose(schema.description ?? '')}</p>
${schema.properties ? fieldsOf(schema) : `<p>${typeOf(schema)}</p>`}
</section>`;
}

function fieldsOf({ properties = {}, required = [] }: Schema): string {
  const rows = Object.entries(properties).map(([name, field]) => [
    `<code>${escapeHtml(name)}</code>`,
    `${typeOf(field)}${required.includes(name) ? ', required' : ''}`,
    prose(field.description ?? ''),
  ]);
  return table(['Field', 'Type', 'Meaning'], rows);
}

function table(head: string[], rows: string[][]): string {
  if (rows.length === 0) return '';
  const body = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('\n');
  return `<table><thead><tr>${head.map((cell) => `<th scope="col">${cell}</th>`).join('')}</tr></thead>
<tbody>${body}</tbody></table>`;
}

/** A type in a few words; a named one as a link. */
function typeOf(schema: Schema): string {
  const ref = schema.$ref?.split('/').at(-1);
  if (ref !== undefined) return `<a href="#${anchorOf(ref)}">${escapeHtml(ref)}</a>`;
  if (schema.const !== undefined) return `<code>${escapeHtml(JSON.stringify(schema.const))}</code>`;
  if (schema.enum) return schema.enum.map((value) => `<code>${escapeHtml(JSON.stringify(value))}</code>`).join(' or ');
  const parts = schema.anyOf ?? schema.oneOf;
  if (parts) return parts.map(typeOf).join(' or ');
  if (schema.allOf) return schema.allOf.map(typeOf).join(' and ');
  if (schema.items) return `list of ${typeOf(schema.items)}`;
  const type = [schema.type ?? 'any'].flat().join(' or ');
  return escapeHtml(schema.format === undefined ? type : `${type} (${schema.format})`);
}

const anchorOf = (name: string) => `schema-${escapeHtml(name)}`;

/** Text in which words between backticks are code. */
const prose = (text: string) => escapeHtml(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
