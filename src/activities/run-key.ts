import type { Wish } from '../domain/wish.js';
import type { RunKey } from '../store/run-view.js';
import type { ExecuteRunInput } from '../workflows/messages.js';

/** Which run an activity is asked about. */
export function keyOf(input: Pick<ExecuteRunInput, 'fireAt' | 'runId'>): RunKey {
  if (input.runId !== undefined) return { runId: input.runId };
  if (input.fireAt !== undefined) return { fireAt: input.fireAt };
  throw new Error('a run is named by its fire or by its id');
}

/** The wish for a job that is not in this database (it was restored to an earlier state): its workflow ends. */
export function wishOfMissingJob({ generation }: Pick<ExecuteRunInput, 'generation'>): Wish {
  return {
    generation: generation + 1,
    status: 'cancelled',
    nextFire: null,
    openRuns: [],
    priorityKey: 3,
    pool: 'default',
    timeoutMs: 0,
  };
}
