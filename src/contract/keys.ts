/** API keys: what opens a project to a program. */
import { z } from 'zod';
import { roles } from '../domain/permissions.js';
import { duration, instant, limits, shortText, strict } from './values.js';

const at = z.iso.datetime();
const DAY_MS = 86_400_000;
/** The longest that a rotated key may still be used. */
const LONGEST_OVERLAP_MS = 7 * DAY_MS;

const KEY_ID = z.string().regex(/^[a-z2-7]{16}$/, 'keyId must be the id of a key: 16 letters and digits');
export const KeyPath = z.strictObject({ keyId: KEY_ID.describe('The id of a key: what stands before the dot.') });

const role = z.enum(roles, `role must be one of ${roles.join(', ')}`).describe('What the key may do in its project.');

export const ApiKeyAnswer = z
  .object({
    keyId: z.string().describe('The part of the key that is no secret: it stands before the dot.'),
    name: z.string(),
    role,
    instanceAdmin: z.boolean().describe('Whether it manages the projects of the instance, too.'),
    createdAt: at,
    createdBy: z.string().optional().describe('The principal that made it; left out: an operator.'),
    expiresAt: at.optional().describe('From then on it opens nothing.'),
    revokedAt: at.optional(),
    lastUsedAt: at.optional().describe('To within a minute.'),
  })
  .meta({ id: 'ApiKey' });
export type ApiKeyAnswer = z.output<typeof ApiKeyAnswer>;

export const MadeKeyAnswer = ApiKeyAnswer.extend({
  key: z.string().describe('The key itself. It is shown this once: only a hash of it is kept.'),
}).meta({ id: 'MadeApiKey' });
export type MadeKeyAnswer = z.output<typeof MadeKeyAnswer>;

export const MakeKey = z
  .strictObject(
    {
      name: shortText('name', limits.nameLength).describe('Who or what is to use it.'),
      role,
      expiresAt: instant.optional().describe('Left out: it opens until it is revoked.'),
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
        .describe('How long the old key can still be used.'),
    },
    strict,
  )
  .meta({ id: 'RotateApiKey' });
export type RotateKey = z.output<typeof RotateKey>;
