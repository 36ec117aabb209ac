// What `npm run new:handler` makes of a plugin: a sound package with one handler, which works as it is.
import { camelCase } from './words.mjs';
import { payloadSchema } from './new-payload-schema.mjs';

/** The files by their paths. */
export function filesOfPlugin(name) {
  const at = (file) => `plugins/${name}/${file}`;
  return {
    [at('package.json')]: packageJson(name),
    [at('definitions.js')]: definitions(name),
    [at('handlers.js')]: handlers(name),
    [at(`test/${name}.test.mjs`)]: test(name),
    [at('README.md')]: readme(name),
  };
}

export const stepsOfPlugin = (name) => `It works as it is:

  1. node --test plugins/${name}/test/${name}.test.mjs
  2. CARILLON_PLUGINS=./plugins/${name} npm start
  3. Submit a job with "handler": "${name}" and "payload": {"text": "good morning"}.

Then say in definitions.js what its payload is, and do the work in handlers.js: docs/guides/plugins.md has the rules.`;

const packageJson = (name) => `{
  "name": "carillon-plugin-${name}",
  "version": "0.1.0",
  "description": "A Carillon plugin: the handler ${name}.",
  "private": true,
  "type": "module",
  "exports": {
    "./definitions": "./definitions.js",
    "./handlers": "./handlers.js"
  },
  "files": [
    "definitions.js",
    "handlers.js"
  ],
  "scripts": {
    "test": "node --test"
  },
  "dependencies": {
    "zod": "^4.0.0"
  },
  "peerDependencies": {
    "carillon": "*"
  },
  "peerDependenciesMeta": {
    "carillon": {
      "optional": true
    }
  }
}
`;

const definitions = (name) => `// @ts-check
// What the handler is. Pure: the API loads this, too, so it imports nothing but zod, and does nothing.
import { z } from 'zod';

${payloadSchema(name)}

/** @type {import('carillon/handler').HandlerDefinition<import('zod').infer<typeof ${camelCase(name)}Payload>>} */
export const ${camelCase(name)}Definition = {
  name: '${name}',
  description: 'Counts the letters of a text.',
  payloadSchema: ${camelCase(name)}Payload,
  defaults: {
    timeoutMs: 60_000,
    retry: { maxAttempts: 3, initialIntervalMs: 1_000, backoffCoefficient: 2, maxIntervalMs: 60_000 },
  },
};

export const definitions = [${camelCase(name)}Definition];
`;

const handlers = (name) => `// @ts-check
// What the handler does. Each run has a process of its own, which ends as soon as \`run\` settles.
import { NonRetryableError } from 'carillon/handler';
import { ${camelCase(name)}Definition } from './definitions.js';

/** @typedef {import('zod').infer<typeof import('./definitions.js').${camelCase(name)}Payload>} Payload */

/** @type {import('carillon/handler').Handler<Payload>} */
export const ${camelCase(name)} = {
  definition: ${camelCase(name)}Definition,
  async run(context, { text }) {
    // Hand the signal to what can take one (fetch, timers), and look at it between steps.
    context.signal.throwIfAborted();
    if (text.trim() === '') throw new NonRetryableError('text_empty', 'There is nothing to count in an empty text.');
    context.log('info', 'counting', { length: text.length });
    return { letters: text.match(/\\p{L}/gu)?.length ?? 0 };
  },
};

export const handlers = [${camelCase(name)}];
`;

const test = (name) => `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ${camelCase(name)} } from '../handlers.js';

/** What Carillon hands a handler, as far as this one uses it. */
const contextWith = (signal = new AbortController().signal) => ({ signal, log: () => {} });

test('the letters of a text are counted', async () => {
  assert.deepEqual(await ${camelCase(name)}.run(contextWith(), { text: 'a b, c!' }), { letters: 3 });
});

test('an empty text fails for good', async () => {
  await assert.rejects(${camelCase(name)}.run(contextWith(), { text: ' ' }), { code: 'text_empty', retryable: false });
});

test('an aborted run stops', async () => {
  const signal = AbortSignal.abort(new Error('cancelled'));
  await assert.rejects(${camelCase(name)}.run(contextWith(signal), { text: 'a' }), /cancelled/);
});
`;

const readme = (name) => `# carillon-plugin-${name}

A Carillon plugin with one handler, \`${name}\`.

\`\`\`json
{
  "jobName": "${name}",
  "jobType": "one-time",
  "handler": "${name}",
  "payload": { "text": "good morning" }
}
\`\`\`

- \`text\`: what to count. At most 1,000 characters.

The result is \`{"letters": 11}\`. It fails with \`text_empty\` (not retried) when there is nothing to count.
`;
