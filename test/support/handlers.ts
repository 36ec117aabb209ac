import { z } from 'zod';
import type { Handler, RunContext } from '../../src/handlers/handler.js';

/** A handler that a test tells what to do: it records each call, and does what `act` says. */
export interface TestHandler extends Handler {
  readonly calls: { jobId: string; runId: string; attempt: number; payload: unknown; scheduledFor: string }[];
}

export function testHandler(
  name: string,
  act: (context: RunContext, payload: unknown) => Promise<unknown> = async (_context, payload) => payload,
  retry: Partial<Handler['definition']['defaults']['retry']> = {},
): TestHandler {
  const calls: TestHandler['calls'] = [];
  return {
    calls,
    definition: {
      name,
      description: 'Does what a test says.',
      payloadSchema: z.unknown(),
      defaults: {
        timeoutMs: 30_000,
        retry: { maxAttempts: 3, initialIntervalMs: 1_000, backoffCoefficient: 2, maxIntervalMs: 60_000, ...retry },
      },
    },
    run(context, payload) {
      calls.push({
        jobId: context.jobId,
        runId: context.runId,
        attempt: context.attempt,
        payload,
        scheduledFor: context.scheduledFor.toISOString(),
      });
      return act(context, payload);
    },
  };
}

/** Something waits at it until the test opens it, or until its own signal aborts. */
export interface Gate {
  open(): void;
  wait(signal: AbortSignal): Promise<void>;
  /** Resolves when something waits at it. */
  readonly reached: Promise<void>;
}

export function gate(): Gate {
  let open: () => void = () => {};
  let reach: () => void = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  const reached = new Promise<void>((resolve) => (reach = resolve));
  return {
    open,
    reached,
    wait(signal) {
      reach();
      return new Promise((resolve, reject) => {
        void opened.then(resolve);
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
    },
  };
}
