/** Who calls, and what they may do. */
import { z } from 'zod';
import { id, text } from './answers/fields.js';
import { permissions, roles } from '../domain/permissions.js';

const project = z.object({
  projectId: id('The id of the project.'),
  slug: text('Its short name, by which the header Carillon-Project names it.', 'billing'),
  name: text('What people call it.', 'Billing'),
});

const role = z.enum(roles).describe('What they may do in the project.');

export const CallerAnswer = z
  .object({
    principal: z
      .object({
        kind: z.enum(['key', 'user']).describe('An API key, or a user of the OIDC provider.'),
        id: text('The id of the key, or of the user.', 'k3m5n7p2q4r6s2t4'),
      })
      .describe('Who calls, as logs and `createdBy` name them.'),
    project: project
      .optional()
      .describe('The project of the call; left out where a user has none, or several and names none of them.'),
    role: role.optional(),
    instanceAdmin: z.boolean().describe('Whether they manage the projects of the instance.'),
    permissions: z.array(z.enum(permissions)).describe('All that they may do in the project, or without one.'),
    projects: z
      .array(project.extend({ role }))
      .optional()
      .describe('Of a user: all projects that they may use, by slug.'),
  })
  .meta({ id: 'Caller' });
export type CallerAnswer = z.output<typeof CallerAnswer>;
