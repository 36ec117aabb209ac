/** API keys: what opens a project to a program. */
import { z } from 'zod';
import { roles } from '../domain/permissions.js';
import { at, text } from './answers/fields.js';
import { duration, instant, limits, shortText, strict } from './values.js';

const DAY_MS = 86_400_000;
/** The longest that a rotated key may still be used. */
const LONGEST_OVERLAP_MS = 7 * DAY_MS;

const KEY_ID = z.string().regex(/^[a-z2-7]{16}$/, 'keyId must be the id of a key: 16 letters and digits');
export const KeyPath = z.strictObject({
  keyId: KEY_ID.meta({ description: 'The id of a key: what stands before the dot.', examples: ['k3m5n7p2q4r6s2t4'] }),
});

const role = z.enum(roles, `role must be one of ${roles.join(', ')}`).describe('What the key may do in its project.');

export const ApiKeyAnswer = z
  .object({
    keyId: text('The part of the key that is no secret: it stands before the dot.', 'k3m5n7p2q4r6s2t4'),
    name: text('Who or what uses it.', 'Billing service'),
    role,
    instanceAdmin: z.boolean().describe('Whether it manages the projects of the instance, too.'),
    createdAt: at('When it was made.'),
    createdBy: text('The principal that made it; left out: an operator.', 'a2b3c4d5e6f7g2h3').optional(),
    expiresAt: at('From then on it opens nothing.').optional(),
    revokedAt: at('When it was revoked: it opens nothing since.').optional(),
    lastUsedAt: at('When it was used last, to within a minute.').optional(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKeyAnswer = z.output<typeof ApiKeyAnswer>;

export const MadeKeyAnswer = ApiKeyAnswer.extend({
  key: text(
    'The key itself. It is shown this once: only a hash of it is kept.',
    'carillon_k3m5n7p2q4r6s2t4.the-secret-which-is-shown-this-once-only-here-now',
  ),
}).meta({ id: 'MadeApiKey' });
export type MadeKeyAnswer = z.output<typeof MadeKeyAnswer>;

export const MakeKey = z
  .strictObject(
    {
      name: shortText('name', limits.nameLength).meta({
        description: 'Who or what is to use it.',
        examples: ['Billing service'],
      }),
      role,
      expiresAt: instant
        .meta({
          description: 'From then on it opens nothing; left out: it opens until it is revoked.',
          examples: ['2027-12-31T00:00:00Z'],
        })
        .optional(),
    },
    strict,
  )
  .meta({ id: 'MakeApiKey' });
export type MakeKey = z.output<typeof MakeKey>;

export const RotateKey = z
  .strictObject(
    {
      overlap: duration({ minMs: 0, maxMs: LONGEST_OVERLAP_MS, example: 'PT1H' })
        .default(DAY_MS)
        .meta({ description: 'How long the old key can still be used: an ISO 8601 duration.', examples: ['PT1H'] }),
    },
    strict,
  )
  .meta({ id: 'RotateApiKey' });
export type RotateKey = z.output<typeof RotateKey>;
