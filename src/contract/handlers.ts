/** The handlers of an installation, and the keys that sign what they send. */
import { z } from 'zod';
import { at, duration, id, retryFields, text } from './answers/fields.js';
import { json } from './values.js';

export const HandlerAnswer = z
  .object({
    name: text('What jobs name as their handler.', 'http'),
    description: text('What it does.', 'Writes its payload to the log of the run.'),
    payloadSchema: json.describe('A JSON Schema (2020-12) of the payload.'),
    defaults: z
      .object({
        timeout: duration('The longest an attempt may take.', 'PT30S'),
        retry: z.object(retryFields).describe('How failed attempts are tried again.'),
      })
      .describe('What a job has that does not say otherwise.'),
    privileged: z.boolean().describe('Whether its jobs need the permission handler:privileged.'),
    isolated: z.boolean().describe('Whether each run has a process of its own.'),
  })
  .meta({ id: 'Handler' });
export type HandlerAnswer = z.output<typeof HandlerAnswer>;

export const SigningKeyAnswer = z
  .object({
    keyId: id('Which key it is, for people: no request that is signed names it.'),
    key: text(
      'As Standard Webhooks writes it: whsec_ and base64.',
      'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=',
    ),
    createdAt: at('When it was made.'),
    createdBy: text('Who made it: the id of an API key, or of a user.', '62lgpbfc7dwf63dc'),
    expiresAt: at('When it signs no more, of one that was replaced.').optional(),
  })
  .meta({ id: 'SigningKey' });
export type SigningKeyAnswer = z.output<typeof SigningKeyAnswer>;
