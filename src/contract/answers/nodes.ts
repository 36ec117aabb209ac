/** What calls about the worker processes answer with. */
import { z } from 'zod';
import { at, count, text } from './fields.js';

const load = z.object({
  running: count('Handlers at work.'),
  waiting: count('Due runs that wait for a place.'),
  held: count('Runs taken before their instant, and requests for further ones.'),
  places: count('Handlers that may be at work at once.'),
  cpu: count('Percent of all cores of its machine, over the last few seconds.'),
  memory: count('Percent of the memory that it may use.'),
});

export const Node = z
  .object({
    node: text('The name by which the ledger knows it: of one process, and never used again.', 'worker-1-4711-9f3a2c'),
    role: z
      .enum(['scheduler', 'executor', 'all'])
      .describe('Whether it decides what runs (scheduler), runs it (executor), or both.'),
    pools: z
      .array(z.string())
      .describe('The pools whose jobs it executes.')
      .meta({ examples: [['default']] }),
    version: text('The version of Carillon that it runs.', '0.1.0'),
    status: z
      .enum(['up', 'draining', 'lost'])
      .describe('draining: told to stop, it takes no further run. lost: not seen for 30 seconds.'),
    startedAt: at('When the process began.'),
    lastSeenAt: at('When it last said that it is there.'),
    load: load.describe('As it was when the node was last seen.'),
  })
  .meta({ id: 'Node' });
export type Node = z.output<typeof Node>;
