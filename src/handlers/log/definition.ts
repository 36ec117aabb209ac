import { z } from 'zod';
import type { HandlerDefinition } from '../handler.js';
import { SECOND } from '../shared/duration.js';

/** The default job type. Its payload is any JSON value, or nothing at all. */
export const logDefinition: HandlerDefinition = {
  name: 'log',
  description: "Writes the payload to the run's log and returns it as the result.",
  payloadSchema: z.unknown(),
  defaults: {
    timeoutMs: 30 * SECOND,
    retry: { maxAttempts: 3, initialIntervalMs: SECOND, backoffCoefficient: 2, maxIntervalMs: 60 * SECOND },
  },
};
