/** Who calls, and what they may do. */
import { z } from 'zod';
import { id, text } from './answers/fields.js';
import { permissions, roles } from '../domain/permissions.js';

export const CallerAnswer = z
  .object({
    principal: z
      .object({ kind: z.enum(['key']).describe('What calls.'), id: text('The id of the key.', 'k3m5n7p2q4r6s2t4') })
      .describe('Who calls, as logs and `createdBy` name them.'),
    project: z
      .object({
        projectId: id('The id of the project.'),
        slug: text('Its short name.', 'billing'),
        name: text('What people call it.', 'Billing'),
      })
      .describe('The project that all calls are about.'),
    role: z.enum(roles).describe('What the principal may do in the project, in a word.'),
    instanceAdmin: z.boolean().describe('Whether it manages the projects of the instance, too.'),
    permissions: z.array(z.enum(permissions)).describe('All that it may do.'),
  })
  .meta({ id: 'Caller' });
export type CallerAnswer = z.output<typeof CallerAnswer>;
