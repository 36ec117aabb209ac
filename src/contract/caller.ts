/** Who calls, and what they may do. */
import { z } from 'zod';
import { permissions, roles } from '../domain/permissions.js';

export const CallerAnswer = z
  .object({
    principal: z
      .object({ kind: z.enum(['key']), id: z.string() })
      .describe('Who calls, as logs and `createdBy` name them.'),
    project: z.object({ projectId: z.uuid(), slug: z.string(), name: z.string() }),
    role: z.enum(roles),
    instanceAdmin: z.boolean(),
    permissions: z.array(z.enum(permissions)),
  })
  .meta({ id: 'Caller' });
export type CallerAnswer = z.output<typeof CallerAnswer>;
