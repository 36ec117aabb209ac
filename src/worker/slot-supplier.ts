import type { ActivitySlotInfo, CustomSlotSupplier, SlotPermit } from '@temporalio/worker';
import type { HandlerSlots } from '../activities/handler-slots.js';

/**
 * How many tasks a worker takes. A held run costs a timer, so many may be held; but while a due run waits for a place on
 * this node, the node takes no further task: a backlog stays in Temporal, where priority, fairness and balance are
 * decided.
 *
 * @param maxHeld the most runs held, waiting or running at once
 */
export function createSlotSupplier(slots: HandlerSlots, maxHeld: number): CustomSlotSupplier<ActivitySlotInfo> {
  let taken = 0;
  const waiters = new Set<() => void>();

  const isOpen = () => taken < maxHeld && slots.waiting === 0;
  const take = (): SlotPermit => {
    taken += 1;
    return {};
  };

  return {
    type: 'custom',
    async reserveSlot(_context, abortSignal) {
      while (!isOpen()) {
        abortSignal.throwIfAborted();
        await (slots.waiting > 0 ? until(slots.whenNoneWaits(), abortSignal) : nextRelease(waiters, abortSignal));
      }
      abortSignal.throwIfAborted();
      return take();
    },
    tryReserveSlot: () => (isOpen() ? take() : null),
    markSlotUsed() {},
    releaseSlot() {
      taken -= 1;
      for (const wake of waiters) wake();
    },
  };
}

function nextRelease(waiters: Set<() => void>, signal: AbortSignal): Promise<void> {
  let wake: () => void = () => {};
  const released = new Promise<void>((resolve) => {
    wake = resolve;
    waiters.add(wake);
  });
  return until(released, signal).finally(() => waiters.delete(wake));
}

/** Resolves with `event`, or rejects with the abort's reason if that comes first. */
async function until(event: Promise<void>, signal: AbortSignal): Promise<void> {
  let abort: () => void = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    await Promise.race([event, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
