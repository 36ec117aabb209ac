// @ts-check
import { z } from 'zod';

const MAX_ROUNDS = 10_000_000;

/** Nothing is transformed: a stored payload is checked again when it runs. */
export const checksumPayload = z.strictObject(
  {
    text: z
      .string({ error: 'text must be given, as a string.' })
      .max(10_000, 'text must have at most 10000 characters.'),
    rounds: z
      .int({ error: 'rounds must be a whole number.' })
      .min(1, 'rounds must be at least 1.')
      .max(MAX_ROUNDS, `rounds must be at most ${MAX_ROUNDS}.`)
      .optional()
      .describe('How often the checksum is computed again, of the one before; 1 when left out.'),
  },
  {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `A checksum job has no field ${issue.keys.join(', ')}.`
        : 'The payload of a checksum job must be an object with a text.',
  },
);

/** @type {import('carillon/handler').HandlerDefinition<import('zod').infer<typeof checksumPayload>>} */
export const checksumDefinition = {
  name: 'checksum',
  description: 'Computes the SHA-256 of a text, and of that again, as often as told.',
  payloadSchema: checksumPayload,
  defaults: {
    timeoutMs: 60_000,
    retry: { maxAttempts: 3, initialIntervalMs: 1_000, backoffCoefficient: 2, maxIntervalMs: 60_000 },
  },
};

export const definitions = [checksumDefinition];
