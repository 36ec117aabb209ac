/** Who calls, and what they may do. */
import { z } from 'zod';
import { permissions, roles } from '../domain/permissions.js';

const project = z.object({
  projectId: z.uuid().describe('The id of the project.'),
  slug: z.string().describe('What the header Carillon-Project calls it.'),
  name: z.string().describe('What people call it.'),
});

const role = z.enum(roles).describe('What they may do in the project.');

export const CallerAnswer = z
  .object({
    principal: z
      .object({
        kind: z.enum(['key', 'user']).describe('An API key, or a user of the OIDC provider.'),
        id: z.string().describe('The id of the key or user.'),
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
