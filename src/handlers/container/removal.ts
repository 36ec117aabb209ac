import type { RunContext } from '../handler.js';
import type { Engine } from './engine.js';
import { EngineError } from './engine-error.js';
import { RUN_LABEL } from './specification.js';

/** Kills and removes every container that has the label. @throws EngineError; the signal's reason */
export async function removeLabelled(engine: Engine, label: string, signal?: AbortSignal): Promise<number> {
  const left = await engine.list([label], signal);
  for (const { Id } of left) await engine.remove(Id, signal);
  return left.length;
}

/**
 * Removes what was left of runs that are over: the last node that had one of them may have died. A run that `ended` does
 * not know is none of ours (another installation may use the same engine), and a run still going removes what it finds
 * itself at its next attempt.
 *
 * @param ended which of these runs this installation knows, and knows to be over
 * @returns how many containers were removed
 */
export async function removeOfEndedRuns(
  engine: Engine,
  ended: (runIds: readonly string[]) => Promise<ReadonlySet<string>>,
): Promise<number> {
  const containers = (await engine.list([RUN_LABEL])).map(({ Id, Labels }) => ({
    Id,
    runId: Labels?.[RUN_LABEL] ?? '',
  }));
  if (containers.length === 0) return 0;
  const over = await ended([...new Set(containers.map(({ runId }) => runId))]);
  const abandoned = containers.filter(({ runId }) => over.has(runId));
  for (const { Id } of abandoned) await engine.remove(Id);
  return abandoned.length;
}

/** Stops or removes, whatever happened before. A failure is told in the log, and hides no other one. */
export async function atLeastTry({ log }: RunContext, remove: () => Promise<unknown>): Promise<void> {
  try {
    await remove();
  } catch (error) {
    const why = error instanceof EngineError ? `${error.doing}: ${error.status ?? error.code}` : 'for a reason unknown';
    log('warn', `A container of this run may be left on the engine (${why}).`);
  }
}
