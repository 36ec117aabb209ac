import { gate, testHandler, type Gate, type TestHandler } from './handlers.js';
import type { LedgerRow } from './scheduler.js';

/** A handler that counts how many of its runs are under way at once. */
export interface CountedWork {
  readonly handler: TestHandler;
  /** Its runs wait here; those whose payload says `takesMs` wait for so long instead. */
  readonly door: Gate;
  readonly underWay: number;
  readonly mostUnderWay: number;
  /** Another door, and the count from the beginning. */
  reset(): void;
}

export function countedWork(): CountedWork {
  let door = gate();
  let underWay = 0;
  let mostUnderWay = 0;
  const handler = testHandler('work', async ({ signal }, payload) => {
    mostUnderWay = Math.max(mostUnderWay, ++underWay);
    const takesMs = (payload as { takesMs?: number } | undefined)?.takesMs;
    const ownDoor = takesMs === undefined ? door : gate();
    if (takesMs !== undefined) setTimeout(ownDoor.open, takesMs); // runs that take time are the subject
    try {
      await ownDoor.wait(signal);
    } finally {
      underWay--;
    }
  });
  return {
    handler,
    get door() {
      return door;
    },
    get underWay() {
      return underWay;
    },
    get mostUnderWay() {
      return mostUnderWay;
    },
    reset() {
      door = gate();
      underWay = 0;
      mostUnderWay = 0;
    },
  };
}

/** The seconds that rows are missing or double in, of a job of every second. */
export function gapsOf(rows: readonly LedgerRow[]): number[] {
  const seconds = rows.map((row) => Date.parse(row.at) / 1_000);
  return seconds.filter((second, index) => second !== (seconds[0] ?? 0) + index);
}
