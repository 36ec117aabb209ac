import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { RunContext } from '../handler.js';
import type { ProgramOutput } from '../shared/program-output.js';
import { CALL_TIMEOUT_MS, type Engine } from './engine.js';
import { isUnanswered } from './engine-error.js';
import { readOutput } from './read-output.js';

/** How long to wait before asking again on a new connection. */
const REJOIN_AFTER_MS = 500;
/** How long output may still come once the container has ended. */
const LAST_OUTPUT_WITHIN_MS = 5_000;

/**
 * Waits for a started container, and gives its exit code. A connection that ends while the container runs on is made
 * anew: proxies in front of an engine limit how long a request takes.
 *
 * @throws EngineError when the engine is gone; the signal's reason
 */
export async function exitOf(engine: Engine, id: string, signal: AbortSignal): Promise<number> {
  for (;;) {
    try {
      return await engine.wait(id, signal);
    } catch (error) {
      if (!isUnanswered(error)) throw error;
    }
    const { isRunning, exitCode } = await engine.inspect(id, signal);
    if (!isRunning) return exitCode;
    await pause(REJOIN_AFTER_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

export interface Following {
  /** Waits for the last output, a few seconds at most, and lets go of the stream. Never rejects. */
  end(): Promise<void>;
  /** Lets go of the stream at once: of a container that did not start. */
  abandon(): Promise<void>;
}

/**
 * Attaches to a container that has not started, so that no line is missed, and reads until `end`. The run's signal ends
 * only the attaching: what a container says when it is told to stop is worth reading.
 */
export async function follow(
  engine: Engine,
  id: string,
  output: ProgramOutput,
  context: RunContext,
): Promise<Following> {
  const letGo = new AbortController();
  const ended = new AbortController();
  const first = await attachUnless(context.signal, engine, id, letGo);

  const reading = (async () => {
    await readOutput(first, output);
    for (let isTold = false; ; isTold = true) {
      // The stream ends a moment before the container does: if it ended only then, nothing is missing.
      await pause(REJOIN_AFTER_MS, undefined, { signal: ended.signal }).catch(() => undefined);
      const state = ended.signal.aborted ? undefined : await engine.inspect(id, letGo.signal).catch(() => undefined);
      if (ended.signal.aborted || state?.isRunning === false) return;
      if (!isTold) context.log('warn', 'The output broke off while the container went on: some of it may be missing.');
      const again = await engine.attach(id, letGo.signal).catch(() => undefined);
      if (again) await readOutput(again, output);
    }
  })();

  const end = async (withinMs: number): Promise<void> => {
    ended.abort();
    const timer = setTimeout(() => letGo.abort(), withinMs);
    await reading;
    clearTimeout(timer);
  };
  return { end: () => end(LAST_OUTPUT_WITHIN_MS), abandon: () => end(0) };
}

async function attachUnless(over: AbortSignal, engine: Engine, id: string, letGo: AbortController): Promise<Readable> {
  const giveUp = AbortSignal.any([over, AbortSignal.timeout(CALL_TIMEOUT_MS)]);
  const abandon = (): void => letGo.abort(giveUp.reason);
  giveUp.addEventListener('abort', abandon, { once: true });
  try {
    return await engine.attach(id, letGo.signal);
  } finally {
    giveUp.removeEventListener('abort', abandon);
  }
}
