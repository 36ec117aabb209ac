import { fileURLToPath } from 'node:url';
import { type Handler, type HandlerDefinition, isHandlerError, type RunContext } from '../handlers/handler.js';
import type { Child, ChildOptions } from './child.js';
import { DEFAULT_MEMORY_LIMIT_MB, MAX_ERROR_LENGTH, MAX_QUESTIONS } from './limits.js';
import type { FromChild, Question } from './messages.js';
import { runIsolated } from './isolated-run.js';

/** How the processes of isolated handlers are started. */
export interface IsolationOptions {
  /** All that they see of the environment, beside TZ: PATH and LANG, and what the operator gives to plugins. */
  readonly env: Readonly<Record<string, string>>;
  /** The heap of one, in MiB; 256 if not given. */
  readonly memoryLimitMb?: number | undefined;
  /** How long a handler may take to heed its signal before it is killed, in milliseconds; 5,000 if not given. */
  readonly abortGraceMs?: number | undefined;
  /** After so many seconds without a sign of life it is killed; 10 if not given. */
  readonly hungAfterBeats?: number | undefined;
  /** The built isolate.js; the one beside this file if not given. */
  readonly entry?: string | undefined;
}

/** Where the code of a handler is. */
export interface HandlerModule {
  /** Its process's working directory. */
  readonly folder: string;
  /** A module that exports `handlers`. */
  readonly handlersFile: string;
  /** Whether it may import `carillon/handler` and find none; that costs time at each start, so false where it does not. */
  readonly providesCarillon?: boolean | undefined;
}

export const childOptions = (
  { env, memoryLimitMb = DEFAULT_MEMORY_LIMIT_MB, entry }: IsolationOptions,
  cwd: string,
  label: readonly string[],
): ChildOptions => ({
  entry: entry ?? fileURLToPath(new URL('./isolate.js', import.meta.url)),
  cwd,
  env,
  memoryLimitMb,
  label,
});

/**
 * Makes a handler each run of which gets a process of its own, started for it and gone after it. Beside what the
 * handler throws, `run` throws `handler_hung`, `handler_exited`, `handler_out_of_memory`, `handler_crashed`,
 * `handler_not_started`, `plugin_not_loaded` (all retryable), `handler_flooded` and `payload_invalid` (not retryable),
 * or the reason of the run's signal.
 */
export function createIsolatedHandler(
  definition: HandlerDefinition,
  { folder, handlersFile, providesCarillon = true }: HandlerModule,
  options: IsolationOptions,
): Handler {
  return {
    definition,
    async run(context, payload) {
      const { projectId, jobId, runId, attempt, scheduledFor } = context;
      const facts = { projectId, jobId, runId, attempt, scheduledFor: scheduledFor.toISOString() };
      return runIsolated({
        child: childOptions(options, folder, [definition.name, runId]),
        request: { type: 'run', module: { handlersFile, providesCarillon }, handler: definition.name, facts, payload },
        signal: context.signal,
        abortGraceMs: options.abortGraceMs,
        hungAfterBeats: options.hungAfterBeats,
        hear: relayTo(context),
        onOutput: (stream, line) => context.log(stream === 'stdout' ? 'info' : 'warn', line, { stream }),
      });
    },
  };
}

/** Hands what the child says to the run's context. */
function relayTo(context: RunContext): (message: FromChild, child: Child) => void {
  let questions = 0;
  return (message, child) => {
    if (message.type === 'log') context.log(message.level, message.message, message.fields);
    else if (message.type === 'progress') context.progress(message.fraction, message.message);
    else if (message.type === 'ask') {
      questions += 1;
      void answer(context, message, questions, child);
    }
  };
}

/** An error that is not meant for users stays here. */
async function answer(
  context: RunContext,
  { id, question }: { id: number; question: Question },
  questions: number,
  child: Child,
): Promise<void> {
  if (questions > MAX_QUESTIONS) {
    const error = `A run may ask for the previous result and for what it follows ${MAX_QUESTIONS} times.`;
    return child.send({ type: 'answer', id, error });
  }
  try {
    child.send({ type: 'answer', id, value: await context[question]() });
  } catch (error) {
    const message = isHandlerError(error) ? error.message : `The ${question} of the run could not be read.`;
    child.send({ type: 'answer', id, error: message.slice(0, MAX_ERROR_LENGTH) });
  }
}
