/** Handlers, and the keys that sign what they send. */
import type { Endpoint } from '../endpoint.js';
import { handler, signingKey } from '../examples.js';
import { HandlerAnswer, SigningKeyAnswer } from '../handlers.js';
import { Nothing } from '../messages.js';

export const handlerEndpoints = {
  listHandlers: {
    method: 'get',
    path: '/api/handlers',
    permission: 'job:read',
    summary: 'What jobs can do here: the handlers, with a JSON Schema of the payload of each',
    ok: { status: 200, schema: HandlerAnswer.array() },
    examples: { answer: [handler] },
  },
  listSigningKeys: {
    method: 'get',
    path: '/api/signing-keys',
    permission: 'signing-key:manage',
    summary: 'The keys that sign the requests of http jobs, newest first',
    ok: { status: 200, schema: SigningKeyAnswer.array() },
    examples: { answer: [signingKey] },
  },
  makeSigningKey: {
    method: 'post',
    path: '/api/signing-keys',
    permission: 'signing-key:manage',
    summary: 'Make a new signing key; those before it sign beside it for a day more',
    body: Nothing,
    bodyOptional: true,
    ok: { status: 201, schema: SigningKeyAnswer, shownOnce: 'keyId' },
    examples: { body: {}, answer: signingKey },
  },
} as const satisfies Record<string, Endpoint>;
