/** The handlers of an installation, and the keys that sign what they send. */
import { z } from 'zod';
import { json } from './values.js';

const at = z.iso.datetime();

export const HandlerAnswer = z
  .object({
    name: z.string(),
    description: z.string(),
    payloadSchema: json.describe('A JSON Schema (2020-12) of the payload.'),
    defaults: z.object({
      timeout: z.string().describe('ISO 8601 duration.'),
      retry: z.object({
        maxAttempts: z.int(),
        initialInterval: z.string(),
        backoffCoefficient: z.number(),
        maxInterval: z.string(),
      }),
    }),
    privileged: z.boolean().describe('Whether its jobs need the permission handler:privileged.'),
    isolated: z.boolean().describe('Whether each run has a process of its own.'),
  })
  .meta({ id: 'Handler' });
export type HandlerAnswer = z.output<typeof HandlerAnswer>;

export const SigningKeyAnswer = z
  .object({
    keyId: z.uuid(),
    key: z.string().describe('As Standard Webhooks writes it: whsec_ and base64.'),
    createdAt: at,
    createdBy: z.string(),
    expiresAt: at.optional().describe('When it signs no more, of one that was replaced.'),
  })
  .meta({ id: 'SigningKey' });
export type SigningKeyAnswer = z.output<typeof SigningKeyAnswer>;
