/** The project that a key is of, and its share of the workers. */
import { z } from 'zod';
import { id, text } from './answers/fields.js';
import { Quotas } from './quotas.js';
import { limits, shortText, strict } from './values.js';

/** A project that weighs this much more than another gets as much more of the workers while both wait. */
const HEAVIEST = 1_000;

export const Project = z
  .object({
    projectId: id('The id of the project.'),
    slug: text('Its short name.', 'default'),
    name: text('What people call it.', 'Default'),
    weight: z.number().describe('Its share of the workers, beside other projects that wait, too.'),
    maxRunningRuns: z
      .int()
      .optional()
      .describe('The most of its runs under way at once; left out: as many as there are places.'),
  })
  .meta({ id: 'Project' });
export type Project = z.output<typeof Project>;

/** A project with what it may use. */
export const ProjectWithQuotas = Project.extend({
  quotas: Quotas.describe('What an instance admin lets the project use, and how much it uses.'),
}).meta({ id: 'ProjectWithQuotas' });
export type ProjectWithQuotas = z.output<typeof ProjectWithQuotas>;

export const ProjectPath = z.strictObject({
  projectId: z.uuid('projectId must be a UUID').describe('The id of the project.'),
});

const SLUG = /^[a-z0-9][a-z0-9-]{0,62}$/;

export const CreateProject = z
  .strictObject(
    {
      slug: z
        .string({ error: ({ input }) => `slug ${input === undefined ? 'is missing' : 'must be a text'}` })
        .regex(SLUG, 'slug must have 1 to 63 lower case letters, digits and "-", and begin with a letter or digit')
        .meta({
          description: 'What the project is called in commands and addresses; it stays.',
          examples: ['billing'],
        }),
      name: shortText('name', limits.nameLength)
        .meta({ description: 'For people; the slug when left out.', examples: ['Billing'] })
        .optional(),
    },
    strict,
  )
  .meta({ id: 'CreateProject' });
export type CreateProject = z.output<typeof CreateProject>;

export const UpdateProject = z
  .strictObject(
    {
      weight: z
        .number('weight must be a number')
        .min(0.001, 'weight must be at least 0.001')
        .max(HEAVIEST, `weight must be at most ${HEAVIEST}`)
        .describe('Its share of the workers, beside other projects that wait, too: 2 gets twice as much as 1.')
        .optional(),
      maxRunningRuns: z
        .int('maxRunningRuns must be a whole number')
        .min(1, 'maxRunningRuns must be at least 1')
        .max(limits.places, `maxRunningRuns must be at most ${limits.places}`)
        .nullable()
        .optional()
        .describe('The most of its runs under way at once; null: as many as there are places.'),
    },
    strict,
  )
  .refine((given) => Object.keys(given).length > 0, 'must change at least one field')
  .meta({ id: 'UpdateProject', description: 'What is left out stays.' });
export type UpdateProject = z.output<typeof UpdateProject>;
