import { z } from 'zod';
import { at, text } from './fields.js';

/** Why a run has not begun: stable words for programs. */
export const waitingCodes = [
  'paused',
  'concurrency',
  'project_limit',
  'condition',
  'behind',
  'no_scheduler',
  'dispatching',
  'no_worker',
  'busy',
  'retry',
  'starting',
] as const;

export const Waiting = z
  .object({
    code: z
      .enum(waitingCodes)
      .describe(
        'What is in its way, for programs. paused: its job is. concurrency, project_limit: its key or its project has as many runs under way as may be. condition: the jobs that it waits for. behind: other runs of its job. no_scheduler: none was seen for 30 seconds. dispatching: Temporal is yet to be told of it. no_worker: no worker of its pool was seen for 30 seconds. busy: all of them are full. retry: its next attempt is to come. starting: nothing.',
      ),
    sentence: text('The same for people.', 'Another run of the job is under way. It is number 1 of those that wait.'),
    heldBy: z.array(z.uuid()).optional().describe('The ids of the runs that have to end first; of many the oldest.'),
    position: z.int().optional().describe('Its place among those that wait for the same, from 1 on.'),
    until: at('When that ends by itself.').optional(),
    pool: text('The workers that it waits for: those that serve this pool.', 'default').optional(),
  })
  .meta({ id: 'Waiting' });
export type WaitingAnswer = z.output<typeof Waiting>;
