import { expect, test } from '@jest/globals';
import { builtinDefinitions } from '../../src/handlers/definitions.js';
import { parseAllowList } from '../../src/handlers/http/allow-list.js';
import { createHandlers } from '../../src/handlers/registry.js';
import { runContext, startSink } from './support.js';

test('there is a handler for every built-in definition, and none for another name', async () => {
  const handlers = createHandlers({ httpAllow: parseAllowList('') });
  for (const definition of builtinDefinitions) expect(handlers.get(definition.name)?.definition).toBe(definition);
  for (const name of ['', 'HTTP', 'constructor', '__proto__']) expect(handlers.get(name)).toBeUndefined();
  await handlers.close();
});

test('the http handler of a worker heeds its allow list and its user agent', async () => {
  const sink = await startSink();
  const handlers = createHandlers({ httpAllow: parseAllowList(`127.0.0.1:${sink.port}`), userAgent: 'Carillon/9.9.9' });
  await handlers.get('http')?.run(runContext(), { url: sink.url });
  expect(sink.received[0]?.headers['user-agent']).toBe('Carillon/9.9.9');
  await handlers.close();
  await sink.close();
});
