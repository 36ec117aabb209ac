import { activityInfo } from '@temporalio/activity';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Clock } from '../../src/platform/clock.js';
import { gate, type Gate } from './handlers.js';

/**
 * The time of a time-skipping Temporal server, as the clock of everything else: inside an activity the time at which it
 * was scheduled, outside the time last asked of the server. Waiting for an instant makes it come.
 */
export class TestClock implements Clock {
  #now = Date.now();
  #gate: Gate | undefined;

  constructor(private readonly env: TestWorkflowEnvironment) {}

  now(): number {
    this.#advanceTo(timeOfActivity());
    return this.#now;
  }

  async waitUntil(instant: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.#gate?.wait(signal);
    this.#advanceTo(instant);
  }

  /** Stops the next runs in the moment before their instant, until the gate is opened. */
  holdNext(): Gate {
    const held = gate();
    this.#gate = held;
    void held.reached.then(() => {
      if (this.#gate === held) this.#gate = undefined;
    });
    return held;
  }

  /** Asks the server how late it is. */
  async sync(): Promise<number> {
    this.#advanceTo(await this.env.currentTimeMs());
    return this.#now;
  }

  /**
   * Lets so many milliseconds pass of which the server knows nothing: in a handler, what its work takes; before a held
   * run, an outage. The server catches up when more time passes.
   */
  advance(ms: number): void {
    this.#advanceTo(this.now() + ms);
  }

  #advanceTo(instant: number): void {
    this.#now = Math.max(this.#now, instant);
  }
}

function timeOfActivity(): number {
  try {
    return activityInfo().currentAttemptScheduledTimestampMs;
  } catch {
    return -Infinity; // Not in an activity.
  }
}
