import { createLineReader } from '../handlers/shared/line-reader.js';
import { type Child, type ChildOptions, type Exit, startChild } from './child.js';
import { gatherOutput } from './child-output.js';
import { createBudget } from './budget.js';
import { ABORT_GRACE_MS, BEAT_EVERY_MS, HUNG_AFTER_BEATS, MAX_MESSAGE_BYTES, MEMORY_BESIDE_HEAP_MB } from './limits.js';
import { memoryMbOf } from './memory.js';
import type { FromChild, ToChild } from './messages.js';
import { errorOf, exited, flooded, hung, outOfMemory } from './child-errors.js';
import { readMessage } from './read-message.js';

/** What ends a run: the child's own word, or what the worker had to do. */
export type Ending = { value: unknown } | { error: unknown };

export interface IsolatedRun {
  readonly child: ChildOptions;
  readonly request: Extract<ToChild, { type: 'run' | 'check' }>;
  readonly signal: AbortSignal;
  /** How long the child may take to heed the signal, in milliseconds. */
  readonly abortGraceMs?: number | undefined;
  readonly hungAfterBeats?: number | undefined;
  /** Hears of what does not end the run. */
  hear(message: FromChild, child: Child): void;
  /** A line that the child wrote to its standard output or error. */
  onOutput(stream: 'stdout' | 'stderr', line: string): void;
}

/**
 * Starts a child, hands it the request, and watches it until it says how it ended, or has to be killed. Settles when
 * nothing of it is left.
 */
export async function runIsolated(run: IsolatedRun): Promise<unknown> {
  const { signal, abortGraceMs = ABORT_GRACE_MS, hungAfterBeats = HUNG_AFTER_BEATS } = run;
  signal.throwIfAborted();
  const { memoryLimitMb } = run.child;
  const child = startChild(run.child);
  let ending: Ending | undefined;
  const end = (how: Ending): void => {
    if (ending) return;
    ending = how;
    child.kill();
  };

  let beatsMissed = 0;
  const budget = createBudget();
  const lines = createLineReader(MAX_MESSAGE_BYTES, (line, continues) => {
    if (ending) return;
    if (continues || !budget.takeMessage()) return end({ error: flooded() });
    const message = readMessage(line);
    if (message?.type === 'beat') beatsMissed = 0;
    else if (message?.type === 'result') end({ value: message.value });
    else if (message?.type === 'handlers') end({ value: message.names });
    else if (message?.type === 'error') end({ error: errorOf(message.error) });
    else if (message) run.hear(message, child);
  });
  child.channel.on('data', (chunk: Buffer) => {
    if (!budget.take(chunk.length)) end({ error: flooded() });
    if (!ending) lines.push(chunk);
  });
  const output = gatherOutput(child, run.onOutput);

  // Counted in our own ticks, not by the clock: a machine that was suspended finds no child hung.
  const watch = setInterval(() => {
    budget.refill();
    beatsMissed += 1;
    if (beatsMissed > hungAfterBeats) end({ error: hung(hungAfterBeats * BEAT_EVERY_MS) });
    const heldMb = child.pid === undefined ? undefined : memoryMbOf(child.pid);
    const mostMb = memoryLimitMb + MEMORY_BESIDE_HEAP_MB;
    if (heldMb !== undefined && heldMb > mostMb) end({ error: outOfMemory(`${mostMb} MiB in all`) });
  }, BEAT_EVERY_MS);
  let grace: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    const reason: unknown = signal.reason;
    child.send({ type: 'abort', message: reason instanceof Error ? reason.message : 'The run was stopped.' });
    grace = setTimeout(() => end({ error: reason }), abortGraceMs);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    child.send(run.request);
    const exit = await child.gone;
    output.end();
    return valueOf(ending ?? { error: whyGone(exit, memoryLimitMb, output.toldOfHeapLimit()) });
  } finally {
    clearInterval(watch);
    clearTimeout(grace);
    signal.removeEventListener('abort', onAbort);
  }
}

function valueOf(ending: Ending): unknown {
  if ('error' in ending) throw ending.error;
  return ending.value;
}

/** Of a child that ended without a word. */
function whyGone(exit: Exit, memoryLimitMb: number, toldOfHeapLimit: boolean): Error {
  const isAborted = exit.signal === 'SIGABRT' || exit.code === 134;
  return isAborted && toldOfHeapLimit ? outOfMemory(`${memoryLimitMb} MiB of heap`) : exited(exit);
}
