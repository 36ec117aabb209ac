import type { RunContext } from '../handler.js';
import { createProgramOutput, type ProgramResult } from '../shared/program-output.js';
import { MAX_OUTPUT_BYTES } from '../shared/run-limits.js';
import { cleanText } from './clean-text.js';
import { createContainer } from './creation.js';
import type { ContainerPayload } from './definition.js';
import type { ContainerState, Engine } from './engine.js';
import { hasStatus, isUnanswered } from './engine-error.js';
import { exitFailure, notStarted } from './exit.js';
import { canonicalName, type ImageReference } from './image-reference.js';
import { atLeastTry, removeLabelled } from './removal.js';
import type { Sayable } from './sayable.js';
import { type Claim, RUN_LABEL } from './specification.js';
import { exitOf, follow } from './waiting.js';

/** The result of a `container` run. */
export interface ContainerResult extends ProgramResult {
  /** From the start of the container to its end; pulling and creating are not counted. */
  durationMs: number;
  /** In full: `docker.io/library/alpine:3.20`. */
  image: string;
  /** The digest of the image's configuration: what really ran. Absent where the engine could not tell. */
  imageId?: string;
  /** Whether some process of the container was killed for want of memory. */
  oomKilled: boolean;
}

/** What one attempt works with. */
export interface Attempt {
  readonly engine: Engine;
  readonly context: RunContext;
  readonly payload: ContainerPayload;
  readonly image: ImageReference;
  readonly claim: Claim;
  readonly sayable: Sayable;
}

/** A run is what its exit code says: it does not fail because the engine can't say more of the container. */
const UNKNOWN_END: Pick<ContainerState, 'oomKilled' | 'imageId'> = { oomKilled: false, imageId: undefined };

/** Runs one container, and leaves none behind. @throws HandlerError, EngineError, or the reason of the run's signal */
export async function runAttempt(attempt: Attempt): Promise<ContainerResult> {
  const { engine, context } = attempt;
  // A node that died may have left its container running: no two attempts of a run side by side.
  const left = await removeLabelled(engine, `${RUN_LABEL}=${context.runId}`, context.signal);
  if (left > 0) context.log('warn', `Removed ${left} container(s) that earlier attempts of this run had left.`);
  const id = await createContainer(attempt);
  try {
    context.signal.throwIfAborted();
    return await runContainer(attempt, id);
  } finally {
    await atLeastTry(context, () => engine.remove(id));
  }
}

async function runContainer({ engine, context, payload, image }: Attempt, id: string): Promise<ContainerResult> {
  const output = createProgramOutput({ log: context.log, maxLoggedBytes: MAX_OUTPUT_BYTES, clean: cleanText });
  const following = await follow(engine, id, output, context);
  let isStarted = false;
  try {
    await start(engine, id, context.signal);
    isStarted = true;
    const startedAt = performance.now();
    const exitCode = await exitOf(engine, id, context.signal);
    const durationMs = Math.round(performance.now() - startedAt);
    const { oomKilled, imageId } = await engine.inspect(id).catch(() => UNKNOWN_END);
    if (exitCode !== 0) throw exitFailure(exitCode, oomKilled, payload);
    await following.end();
    const head = { exitCode, durationMs, image: canonicalName(image), ...(imageId !== undefined && { imageId }) };
    return { ...head, ...output.result(), oomKilled };
  } finally {
    // Even where the start was not answered: the engine may have done it.
    if (context.signal.aborted) await atLeastTry(context, () => engine.stop(id));
    await (isStarted ? following.end() : following.abandon());
  }
}

async function start(engine: Engine, id: string, signal: AbortSignal): Promise<void> {
  try {
    await engine.start(id, signal);
  } catch (error) {
    if (signal.aborted || isUnanswered(error) || hasStatus(error, 404)) throw error;
    const state = await engine.inspect(id).catch(() => undefined);
    throw (state && notStarted(state.exitCode)) ?? error;
  }
}
