/** Submitting many jobs by one request. */
import { z } from 'zod';
import { ProblemAnswer } from './answers.js';
import { limits, strict } from './values.js';

export const SubmitBatch = z
  .strictObject(
    {
      jobs: z
        // Each is checked for itself, so that one that is not valid does not keep out the others.
        .array(z.unknown().meta({ $ref: '#/components/schemas/SubmitJob' }), 'jobs must be a list of jobs')
        .min(1, 'jobs must have at least one entry')
        .max(limits.batchJobs, `jobs must have at most ${limits.batchJobs} entries`)
        .describe('What is to be submitted, each as by itself.'),
      atomic: z
        .boolean('atomic must be true or false')
        .default(false)
        .describe('Whether one that is refused keeps out all of them.'),
    },
    strict,
  )
  .meta({ id: 'SubmitBatch', description: 'Jobs to run at their times.' });
export type SubmitBatch = z.output<typeof SubmitBatch>;

const Accepted = z.object({ status: z.literal(201).describe('It was taken in.'), jobId: z.uuid().describe('Its id.') });
const Refused = z.object({
  status: z.int().describe('The HTTP status that it would have got by itself.'),
  problem: ProblemAnswer.describe('Why; its pointers lead into the body of the whole request.'),
});

export const BatchAnswer = z
  .object({ results: z.array(z.union([Accepted, Refused])).describe('In the order of the jobs.') })
  .meta({ id: 'BatchAnswer' });
