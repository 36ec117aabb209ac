import { expect, test } from '@jest/globals';
import { builtinDefinitions } from '../../src/handlers/definitions.js';
import { parseAllowList } from '../../src/handlers/http/allow-list.js';
import { createHandlers, type HandlersOptions } from '../../src/handlers/registry.js';
import { runContext, startSink } from './support.js';

const options = (given: Partial<HandlersOptions> = {}): HandlersOptions => ({
  http: { allowList: parseAllowList(''), userAgent: 'Carillon' },
  email: {},
  command: {},
  container: { node: 'test' },
  sql: { connectionOf: () => undefined, names: () => [] },
  allow: [],
  ...given,
});
const privileged = ['command', 'container', 'sql'];

test('there is a handler for every built-in definition that is allowed, and none for another name', async () => {
  const handlers = createHandlers(options({ allow: privileged }));
  for (const definition of builtinDefinitions) expect(handlers.get(definition.name)?.definition).toBe(definition);
  for (const name of ['', 'HTTP', 'constructor', '__proto__']) expect(handlers.get(name)).toBeUndefined();
  await handlers.close();
});

test('handlers that act with the rights of the node are there only when its operator allows them', async () => {
  const handlers = createHandlers(options({ allow: ['sql'] }));
  expect(['log', 'http', 'email', ...privileged].filter((name) => handlers.get(name))).toEqual([
    ...['log', 'http', 'email', 'sql'],
  ]);
  await handlers.close();
});

test('the http handler of a worker heeds its allow list and its user agent', async () => {
  const sink = await startSink();
  const allowList = parseAllowList(`127.0.0.1:${sink.port}`);
  const handlers = createHandlers(options({ http: { allowList, userAgent: 'Carillon/9.9.9' } }));
  await handlers.get('http')?.run(runContext(), { url: sink.url });
  expect(sink.received[0]?.headers['user-agent']).toBe('Carillon/9.9.9');
  await handlers.close();
  await sink.close();
});
