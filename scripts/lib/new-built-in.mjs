// What `npm run new:handler -- --built-in` makes of a handler of Carillon's own: definition, handler, test, docs page.
import { camelCase, pascalCase } from './words.mjs';
import { payloadSchema } from './new-payload-schema.mjs';

/** The files by their paths. */
export function filesOfBuiltIn(name) {
  return {
    [`src/handlers/${name}/definition.ts`]: definition(name),
    [`src/handlers/${name}/handler.ts`]: handler(name),
    [`test/handlers/${name}.test.ts`]: test(name),
    [`docs/guides/handlers/${name}.md`]: page(name),
  };
}

export const stepsOfBuiltIn = (name) => `Next:

  1. Say in src/handlers/${name}/definition.ts what its payload is, and do the work in handler.ts.
  2. List ${camelCase(name)}Definition in src/handlers/definitions.ts, and create${pascalCase(name)}Handler() in src/handlers/registry.ts.
  3. npm test -- test/handlers/${name}.test.ts
  4. Finish docs/guides/handlers/${name}.md, and give the handler a row in the README's table.
  5. npm run verify`;

const definition = (name) => `import { z } from 'zod';
import type { HandlerDefinition } from '../handler.js';

const SECOND = 1_000;

${payloadSchema(name)}

export type ${pascalCase(name)}Payload = z.infer<typeof ${camelCase(name)}Payload>;

/** TODO: what it does. */
export const ${camelCase(name)}Definition: HandlerDefinition<${pascalCase(name)}Payload> = {
  name: '${name}',
  description: 'TODO: what it does, in a sentence.',
  payloadSchema: ${camelCase(name)}Payload,
  defaults: {
    timeoutMs: 60 * SECOND,
    retry: { maxAttempts: 3, initialIntervalMs: SECOND, backoffCoefficient: 2, maxIntervalMs: 60 * SECOND },
  },
};
`;

const handler = (name) => `import { type Handler, NonRetryableError } from '../handler.js';
import { ${camelCase(name)}Definition, type ${pascalCase(name)}Payload } from './definition.js';

/** Makes the \`${name}\` handler. \`run\` throws \`text_empty\` (not retryable), or the reason of the run's signal. */
export function create${pascalCase(name)}Handler(): Handler<${pascalCase(name)}Payload> {
  return {
    definition: ${camelCase(name)}Definition,
    async run(context, { text }) {
      context.signal.throwIfAborted();
      if (text.trim() === '') throw new NonRetryableError('text_empty', 'The text is empty.');
      return { length: text.length };
    },
  };
}
`;

const test = (name) => `import { expect, test } from '@jest/globals';
import { create${pascalCase(name)}Handler } from '../../src/handlers/${name}/handler.js';
import { failureOf, runContext } from './support.js';

const handler = create${pascalCase(name)}Handler();

test('the result of a ${name} job is the length of its text', async () => {
  expect(await handler.run(runContext(), { text: 'abc' })).toEqual({ length: 3 });
});

test('a ${name} job with an empty text fails for good', async () => {
  const failure = await failureOf(handler.run(runContext(), { text: ' ' }));
  expect(failure).toMatchObject({ code: 'text_empty', retryable: false });
});

test('an aborted ${name} job fails with the reason of its signal', async () => {
  const reason = new Error('cancelled');
  expect(await failureOf(handler.run(runContext(AbortSignal.abort(reason)), { text: 'a' }))).toBe(reason);
});
`;

const page = (name) => `# Handler \`${name}\`

TODO: what it does, in a few sentences.

\`\`\`json
{
  "jobName": "${name}",
  "jobType": "one-time",
  "handler": "${name}",
  "payload": { "text": "good morning" }
}
\`\`\`

## Payload

- \`text\`: TODO. At most 1,000 characters.

## Errors

- \`text_empty\` (not retried): the text is empty.

## Security

TODO: what it can reach, and who may use it.
`;
