/** The project that a key is of, and its share of the workers. */
import { z } from 'zod';
import { Quotas } from './quotas.js';
import { limits, shortText, strict } from './values.js';

/** A project that weighs this much more than another gets as much more of the workers while both wait. */
const HEAVIEST = 1_000;

export const Project = z
  .object({
    projectId: z.uuid(),
    slug: z.string(),
    name: z.string(),
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

export const ProjectPath = z.strictObject({ projectId: z.uuid('projectId must be a UUID') });

const SLUG = /^[a-z0-9][a-z0-9-]{0,62}$/;

export const CreateProject = z
  .strictObject(
    {
      slug: z
        .string({ error: ({ input }) => `slug ${input === undefined ? 'is missing' : 'must be a text'}` })
        .regex(SLUG, 'slug must have 1 to 63 lower case letters, digits and "-", and begin with a letter or digit')
        .describe('What the project is called in commands and addresses; it stays.'),
      name: shortText('name', limits.nameLength).optional().describe('For people; the slug when left out.'),
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
        .optional(),
      maxRunningRuns: z
        .int('maxRunningRuns must be a whole number')
        .min(1, 'maxRunningRuns must be at least 1')
        .max(limits.places, `maxRunningRuns must be at most ${limits.places}`)
        .nullable()
        .optional()
        .describe('null: no limit.'),
    },
    strict,
  )
  .refine((given) => Object.keys(given).length > 0, 'must change at least one field')
  .meta({ id: 'UpdateProject', description: 'What is left out stays.' });
export type UpdateProject = z.output<typeof UpdateProject>;
