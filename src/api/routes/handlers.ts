import { listSigningKeys, makeSigningKey } from '../../commands/index.js';
import type { HandlerAnswer, SigningKeyAnswer } from '../../contract/handlers.js';
import { isoDuration } from '../../contract/values.js';
import type { HandlerDefinition } from '../../handlers/handler.js';
import { writeSigningKey } from '../../handlers/http/signature.js';
import { describePayload } from '../../plugins/index.js';
import type { OpenSigningKey } from '../../security/encryption/signing-key.js';
import type { Routes } from '../calls.js';
import { at, atOrNone, optional } from '../present.js';

export const handlerRoutes: Routes<'listHandlers' | 'listSigningKeys' | 'makeSigningKey'> = {
  async listHandlers({ ports }) {
    return { body: [...ports.commands.definitions.values()].map(handlerAnswer) };
  },

  async listSigningKeys({ ports, caller }) {
    return { body: (await listSigningKeys(ports.commands, caller)).map(signingKeyAnswer) };
  },

  async makeSigningKey({ ports, caller }) {
    return { body: signingKeyAnswer(await makeSigningKey(ports.commands, caller)) };
  },
};

function handlerAnswer(definition: HandlerDefinition): HandlerAnswer {
  const { name, description, defaults, privileged = false, isolated = false } = definition;
  const { maxAttempts, initialIntervalMs, backoffCoefficient, maxIntervalMs } = defaults.retry;
  return {
    name,
    description,
    payloadSchema: describePayload(definition),
    defaults: {
      timeout: isoDuration(defaults.timeoutMs),
      retry: {
        maxAttempts,
        initialInterval: isoDuration(initialIntervalMs),
        backoffCoefficient,
        maxInterval: isoDuration(maxIntervalMs),
      },
    },
    privileged,
    isolated,
  };
}

function signingKeyAnswer({ id, key, createdAt, createdBy, expiresAt }: OpenSigningKey): SigningKeyAnswer {
  return {
    keyId: id,
    key: writeSigningKey(key),
    createdAt: at(createdAt),
    createdBy,
    ...optional('expiresAt', atOrNone(expiresAt)),
  };
}
