import { z } from 'zod';

/** A handler that does what its payload names. */
export const definitions = [
  {
    name: 'act',
    description: 'Does what a test says.',
    payloadSchema: z.strictObject({ act: z.string(), value: z.unknown().optional() }),
    defaults: {
      timeoutMs: 60_000,
      retry: { maxAttempts: 1, initialIntervalMs: 0, backoffCoefficient: 1, maxIntervalMs: 0 },
    },
  },
];
