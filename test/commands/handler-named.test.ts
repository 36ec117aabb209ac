import { expect, test } from '@jest/globals';
import { handlerNamed } from '../../src/commands/validate.js';
import { allowedDefinitions } from '../../src/handlers/definitions.js';
import { logDefinition } from '../../src/handlers/log/definition.js';

const backup = { ...logDefinition, name: 'backup', privileged: true };
const named = (allow: string[]) => handlerNamed(allowedDefinitions([logDefinition, backup], allow), 'backup');

test('of a handler that the operator does not allow it is said that there is one, of a plugin, too', () => {
  expect(named([])).toMatchObject({
    pointer: '/handler',
    message: 'the handler "backup" is not allowed here: its operator can list it in CARILLON_ALLOW',
  });
  expect(named(['backup'])).toBe(backup);
});

test('of one that there is not the others are named', () => {
  expect(handlerNamed(allowedDefinitions([logDefinition, backup], []), 'restore')).toMatchObject({
    message: 'there is no handler "restore"; there are log',
  });
});
