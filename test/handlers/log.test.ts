import { expect, test } from '@jest/globals';
import { createLogHandler } from '../../src/handlers/log/handler.js';
import { runContext } from './support.js';

const handler = createLogHandler();

test.each([
  ['a string as it is', 'good morning', 'good morning'],
  ['an object as compact JSON', { a: [1, null] }, '{"a":[1,null]}'],
  ['null as JSON', null, 'null'],
  ['false as JSON', false, 'false'],
])('the log handler writes %s and returns the payload', async (_case, payload, message) => {
  const context = runContext();
  expect(await handler.run(context, handler.definition.payloadSchema.parse(payload))).toEqual(payload);
  expect(context.lines).toEqual([{ level: 'info', message, fields: undefined }]);
});

test('a log job without a payload says so and returns null', async () => {
  const context = runContext();
  expect(await handler.run(context, undefined)).toBeNull();
  expect(context.lines.map((line) => line.message)).toEqual(['No payload.']);
});

test('an aborted run writes nothing and fails with the reason of its signal', async () => {
  const reason = new Error('cancelled');
  const context = runContext(AbortSignal.abort(reason));
  await expect(handler.run(context, 'x')).rejects.toBe(reason);
  expect(context.lines).toEqual([]);
});
