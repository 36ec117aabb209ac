import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import type { Handler } from '../../src/handlers/handler.js';
import { describeError } from '../../src/platform/logging.js';
import { loadPluginDefinitions, loadPluginHandlers, PluginError } from '../../src/plugins/index.js';
import { failureOf } from '../handlers/support.js';
import { temporaryDir } from '../support/temporary-dir.js';
import { isolation, start } from './support.js';

let from: string;
beforeEach(() => {
  from = temporaryDir('plugins');
  // Found, so that nothing has to be hooked in: jest has no way to hook in.
  mkdirSync(path.join(from, 'node_modules/carillon'), { recursive: true });
  writeFileSync(path.join(from, 'node_modules/carillon/handler'), '');
});

/** A schema by its shape alone: the plugins here have no zod. */
const SCHEMA =
  '{ _zod: { def: {} }, safeParse: (data) => ({ success: true, data }), safeParseAsync: async (data) => ({ success: true, data }) }';
const RETRY = '{ maxAttempts: 3, initialIntervalMs: 1000, backoffCoefficient: 2, maxIntervalMs: 60000 }';

interface Fields {
  name?: string;
  description?: string;
  payloadSchema?: string;
  defaults?: string;
  more?: string;
}

const definition = ({
  name = "'greet'",
  description = "'Says hello.'",
  payloadSchema = SCHEMA,
  defaults = `{ timeoutMs: 1000, retry: ${RETRY} }`,
  more = '',
}: Fields = {}) =>
  `{ name: ${name}, description: ${description}, payloadSchema: ${payloadSchema}, defaults: ${defaults}, ${more} }`;

const definitionsOf = (...list: Fields[]) => `export const definitions = [${list.map(definition).join(', ')}];`;
const HANDLERS = `import { definitions } from './definitions.js';
  export const handlers = definitions.map((definition) => ({ definition, run: async () => 'hello from ' + definition.name }));`;

/** A folder with a plugin, which other files replace. */
function plugin(files: Record<string, string | undefined> = {}, folder = 'plugin'): string {
  const all = {
    'package.json': '{"type":"module"}',
    'definitions.js': definitionsOf({}),
    'handlers.js': HANDLERS,
    ...files,
  };
  for (const [name, text] of Object.entries(all)) {
    const file = path.join(from, folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    if (text !== undefined) writeFileSync(file, text);
  }
  return `./${folder}`;
}

const definitions = (...specifiers: string[]) => loadPluginDefinitions(specifiers, { from, taken: ['log', 'http'] });
const handlers = async (...specifiers: string[]) => loadPluginHandlers(await definitions(...specifiers), isolation());

function the(handler: Handler | undefined): Handler {
  if (!handler) throw new Error('There is no handler.');
  return handler;
}

/** The one line that the operator reads. */
async function sentence(loading: Promise<unknown>): Promise<string> {
  const failure = await failureOf(loading);
  expect(failure).toBeInstanceOf(PluginError);
  const { message } = describeError(failure);
  expect(message).not.toContain('\n');
  expect(message).not.toMatch(/ at .*:\d+:\d+/);
  return message.replaceAll(from, '<from>');
}

test.each([
  ['a folder', () => plugin()],
  ['a folder by its absolute path', () => path.join(from, plugin())],
  ['a package', () => plugin({}, 'node_modules/greeter') && 'greeter'],
  ['a package with a scope', () => plugin({}, 'node_modules/@acme/greeter') && '@acme/greeter'],
  [
    'a package whose exports lead elsewhere',
    () =>
      plugin(
        {
          'package.json': JSON.stringify({
            type: 'module',
            exports: {
              './definitions': {
                types: './none.d.ts',
                require: './none.cjs',
                import: { node: './lib/definitions.js' },
              },
              './h*': './lib/h*.js',
            },
          }),
          'definitions.js': undefined,
          'handlers.js': undefined,
          'lib/definitions.js': definitionsOf({}),
          'lib/handlers.js': HANDLERS,
        },
        'node_modules/greeter',
      ) && 'greeter',
  ],
  [
    'a CommonJS package',
    () =>
      plugin({
        'package.json': '{}',
        'definitions.js': `const list = [${definition()}]; module.exports = { definitions: list };`,
        'handlers.js': `const { definitions } = require('./definitions.js');
          module.exports = { handlers: [{ definition: definitions[0], run: async () => 'hello from greet' }] };`,
      }),
  ],
])('%s is loaded, and its handler runs', async (_case, make) => {
  const [handler] = await handlers(make());
  expect(handler?.definition.name).toBe('greet');
  await expect(start(the(handler), {}).outcome).resolves.toBe('hello from greet');
});

test('a plugin that finds no package carillon is given the module carillon/handler', async () => {
  rmSync(path.join(from, 'node_modules'), { recursive: true });
  const text = `import { NonRetryableError } from 'carillon/handler';
    import { definitions } from './definitions.js';
    const run = async () => { throw new NonRetryableError('refused', 'No.'); };
    export const handlers = [{ definition: definitions[0], run }];`;
  const [handler] = await handlers(plugin({ 'handlers.js': text }));
  expect(await failureOf(start(the(handler), {}).outcome)).toMatchObject({ code: 'refused', retryable: false });
});

test('several plugins are loaded in their order, each definition with its handler', async () => {
  plugin({ 'definitions.js': definitionsOf({ name: "'one'" }, { name: "'two'" }) }, 'a');
  plugin({ 'definitions.js': definitionsOf({ name: "'three'" }) }, 'b');
  const loaded = await handlers('./a', './b');
  expect(loaded.map((handler) => handler.definition.name)).toEqual(['one', 'two', 'three']);
});

test('the code of isolated handlers is never loaded here, and that of the others is', async () => {
  const mark = (name: string) => `globalThis.${name} = true;`;
  plugin({ 'handlers.js': `${mark('isolatedCode')}${HANDLERS}` }, 'a');
  const open = { 'definitions.js': definitionsOf({ name: "'open'", more: 'isolated: false' }) };
  plugin({ ...open, 'handlers.js': `${mark('openCode')}${HANDLERS}` }, 'b');
  const [, inHere] = await handlers('./a', './b');
  expect(globalThis).not.toHaveProperty('isolatedCode');
  expect(globalThis).toHaveProperty('openCode', true);
  await expect(start(the(inHere), {}).outcome).resolves.toBe('hello from open');
});

test.each([
  [
    'a package that is not installed',
    () => 'missing',
    'The plugin "missing" cannot be used: the package is not installed',
  ],
  [
    'a folder that is not there',
    () => './nowhere',
    'The plugin "./nowhere" (<from>/nowhere) cannot be used: there is no such folder.',
  ],
  ['a name that is none', () => 'No Name!', 'neither the name of a package nor a path'],
  ['a name that leads out', () => 'a/../../b', 'neither the name of a package nor a path'],
  [
    'a package.json that is not JSON',
    () => plugin({ 'package.json': '{' }),
    '(<from>/plugin/package.json) cannot be used: it is not JSON.',
  ],
  [
    'exports without the entry',
    () => plugin({ 'package.json': '{"exports":{"./definitions":"./definitions.js"}}' }),
    '(<from>/plugin/package.json) cannot be used: its exports have no "./handlers".',
  ],
  [
    'a missing file',
    () => plugin({ 'handlers.js': undefined }),
    '(<from>/plugin/handlers.js) cannot be used: there is no such file.',
  ],
  [
    'a module that throws',
    () => plugin({ 'definitions.js': "throw new TypeError('no luck');" }),
    '(<from>/plugin/definitions.js) cannot be used: TypeError: no luck.',
  ],
  [
    'a syntax error',
    () => plugin({ 'definitions.js': 'export const definitions = [;' }),
    '(<from>/plugin/definitions.js) cannot be used: SyntaxError: ',
  ],
  [
    'no definitions',
    () => plugin({ 'definitions.js': 'export const definition = {};' }),
    'it exports no list "definitions".',
  ],
  [
    'an empty list',
    () => plugin({ 'definitions.js': 'export const definitions = [];' }),
    'it exports no list "definitions".',
  ],
  [
    'no object',
    () => plugin({ 'definitions.js': 'export const definitions = [1];' }),
    'in definition 1 a definition must be an object.',
  ],
  [
    'a bad name',
    () => plugin({ 'definitions.js': definitionsOf({ name: "'Greet'" }) }),
    'in the definition of "Greet" name must be of lower case',
  ],
  ['no name', () => plugin({ 'definitions.js': definitionsOf({ name: '7' }) }), 'in definition 1 name must be a text.'],
  [
    'an empty description',
    () => plugin({ 'definitions.js': definitionsOf({ description: "''" }) }),
    'description must not be empty.',
  ],
  [
    'a schema of zod 3',
    () => plugin({ 'definitions.js': definitionsOf({ payloadSchema: '{ _def: {}, safeParse() {} }' }) }),
    'payloadSchema must be a schema of zod 4.',
  ],
  [
    'a bad timeout',
    () => plugin({ 'definitions.js': definitionsOf({ defaults: `{ timeoutMs: 5, retry: ${RETRY} }` }) }),
    'defaults.timeoutMs must be milliseconds from 100 to 86400000.',
  ],
  [
    'half an attempt',
    () =>
      plugin({
        'definitions.js': definitionsOf({ defaults: `{ timeoutMs: 500, retry: { ...${RETRY}, maxAttempts: 1.5 } }` }),
      }),
    'defaults.retry.maxAttempts must be a whole number from 1 to 100.',
  ],
  [
    'no retry',
    () => plugin({ 'definitions.js': definitionsOf({ defaults: '{ timeoutMs: 500 }' }) }),
    'defaults.retry must be an object.',
  ],
  [
    'a field that we do not know',
    () => plugin({ 'definitions.js': definitionsOf({ more: 'isolate: false' }) }),
    'a definition has no field isolate.',
  ],
  [
    'a flag that is none',
    () => plugin({ 'definitions.js': definitionsOf({ more: "isolated: 'no'" }) }),
    'isolated must be true or false.',
  ],
  [
    'a name twice',
    () => plugin({ 'definitions.js': definitionsOf({}, {}) }),
    'the handler name "greet" is defined twice.',
  ],
  [
    'the name of a built-in',
    () => plugin({ 'definitions.js': definitionsOf({ name: "'http'" }) }),
    'the handler name "http" is of Carillon itself already.',
  ],
])('definitions with %s are refused in a sentence', async (_case, make, expected) => {
  expect(await sentence(definitions(make()))).toContain(expected);
});

test('two plugins that have a handler of the same name are refused, and so is one that is listed twice', async () => {
  plugin({}, 'a');
  plugin({}, 'b');
  expect(await sentence(definitions('./a', './b'))).toContain('the handler name "greet" is of ./a already.');
  expect(await sentence(definitions('./a', './a'))).toContain('it is listed twice.');
});

const BAD_HANDLERS = [
  ['a module that throws', "throw new TypeError('no luck');", 'TypeError: no luck.'],
  ['a package that is missing', "import 'not-there-at-all';", 'not-there-at-all'],
  ['no handlers', 'export const handler = {};', 'it exports no list "handlers".'],
  ['no function', `${HANDLERS} delete handlers[0].run;`, 'the handler "greet" has no function run.'],
  ['no definition', 'export const handlers = [{}];', 'handler 1 has no definition with a name.'],
  [
    'another name',
    "export const handlers = [{ definition: { name: 'x' }, run() {} }];",
    'it has no handler for the definition "greet".',
  ],
  [
    'one too many',
    `${HANDLERS} handlers.push({ definition: { name: 'x' }, run() {} });`,
    'it has a handler "x" that its definitions do not name.',
  ],
  ['one twice', `${HANDLERS} handlers.push(handlers[0]);`, 'it has a handler "greet" twice.'],
] as const;

test.each(BAD_HANDLERS)('isolated handlers with %s are refused in a sentence', async (_case, text, expected) => {
  const words = await sentence(handlers(plugin({ 'handlers.js': text })));
  expect(words).toContain('The plugin "./plugin" (<from>/plugin/handlers.js) cannot be used: ');
  expect(words).toContain(expected);
});

test.each(BAD_HANDLERS)('handlers of this process with %s are refused in a sentence', async (_case, text, expected) => {
  const open = { 'definitions.js': definitionsOf({ more: 'isolated: false' }) };
  expect(await sentence(handlers(plugin({ ...open, 'handlers.js': text })))).toContain(expected);
});

test.each([
  ['a syntax error, with its place', '\n\nexport const handlers = [;', "SyntaxError: Unexpected token ';' (line 3)."],
  [
    'an end of the process, with its last words',
    "console.error('no licence'); process.exit(4);",
    'ended with exit code 4 before it gave a result. Its last words: no licence',
  ],
])('handlers with %s are refused in a sentence', async (_case, text, expected) => {
  expect(await sentence(handlers(plugin({ 'handlers.js': text })))).toContain(expected);
});
