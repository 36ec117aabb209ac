import type { ActivitySlotInfo, CustomSlotSupplier, SlotPermit } from '@temporalio/worker';
import type { HandlerSlots } from '../activities/handler-slots.js';
import type { Resources } from './resources.js';

/** What the worker of one pool needs: its tasks' way to the places, and how many tasks it may take. */
export interface PoolIntake {
  slots: Pick<HandlerSlots, 'run'>;
  supplier: CustomSlotSupplier<ActivitySlotInfo>;
}

/** How many tasks a node takes, over all its pools. */
export interface Intake {
  forPool(): PoolIntake;
  /** How many tasks were taken, or are asked for, that have not come to their time yet. */
  readonly ahead: number;
}

interface Pool {
  /** Permits given out: for polls that wait for a task, and for tasks until they are answered. */
  taken: number;
  /** Its runs that have a place, or wait for one. */
  due: number;
}

interface Waiter {
  pool: Pool;
  give(permit: SlotPermit): void;
}

/**
 * How many tasks a node takes. A run is taken shortly before its instant and held, which costs a timer; but order is kept
 * in Temporal alone, so no more may be ahead than the node will soon have places for: the free ones and twice all of them,
 * less one (a node with one place takes at most two), or a single one while no place is free. While a due run waits
 * for a place, nothing is taken: a backlog stays in Temporal, where priority, fairness and balance are decided. Nor is
 * anything while too much memory or CPU is used, but for one run at a time: what is used may not be this node's doing.
 *
 * @param maxHeld the most that may be ahead, whatever the places
 */
export function createIntake(
  slots: HandlerSlots,
  maxHeld: number,
  resources: Pick<Resources, 'isOver' | 'onLook'>,
): Intake {
  const pools: Pool[] = [];
  const waiters: Waiter[] = [];
  const aheadOf = ({ taken, due }: Pool) => taken - due;
  const ahead = () => pools.reduce((sum, pool) => sum + aheadOf(pool), 0);

  const isOpen = (pool: Pool): boolean => {
    if (slots.waiting > 0) return false;
    if (resources.isOver) return slots.busy === 0 && aheadOf(pool) === 0;
    // Each pool has one poll at least: what lies in its queue may be the most urgent there is.
    if (aheadOf(pool) === 0) return true;
    const free = slots.places - slots.busy;
    return ahead() < (free > 0 ? Math.min(free + 2 * slots.places - 1, maxHeld) : 1);
  };
  const take = (pool: Pool): SlotPermit => {
    pool.taken += 1;
    return {};
  };
  const serveWaiters = () => {
    for (let i = 0; i < waiters.length;) {
      const waiter = waiters[i];
      if (waiter === undefined || slots.waiting > 0) return;
      if (!isOpen(waiter.pool)) i += 1;
      else {
        waiters.splice(i, 1);
        waiter.give(take(waiter.pool));
      }
    }
  };
  slots.onChange(serveWaiters);
  resources.onLook(serveWaiters);

  const supplierOf = (pool: Pool): CustomSlotSupplier<ActivitySlotInfo> => ({
    type: 'custom',
    reserveSlot(_context, abortSignal) {
      return new Promise((resolve, reject) => {
        const waiter: Waiter = {
          pool,
          give(permit) {
            abortSignal.removeEventListener('abort', leave);
            resolve(permit);
          },
        };
        const leave = () => {
          waiters.splice(waiters.indexOf(waiter), 1);
          reject(abortSignal.reason as Error);
        };
        if (abortSignal.aborted) {
          reject(abortSignal.reason as Error);
          return;
        }
        abortSignal.addEventListener('abort', leave, { once: true });
        waiters.push(waiter);
        serveWaiters();
      });
    },
    tryReserveSlot: () => (isOpen(pool) ? take(pool) : null),
    markSlotUsed() {},
    releaseSlot() {
      pool.taken -= 1;
      serveWaiters();
    },
  });

  return {
    forPool() {
      const pool: Pool = { taken: 0, due: 0 };
      pools.push(pool);
      return { slots: countingDue(slots, pool, serveWaiters), supplier: supplierOf(pool) };
    },
    get ahead() {
      return ahead();
    },
  };
}

/** The places, as a pool's runs come to them: those that have a place, or wait for one, are ahead no longer. */
function countingDue(slots: HandlerSlots, pool: Pool, changed: () => void): Pick<HandlerSlots, 'run'> {
  return {
    async run(priorityKey, signal, work) {
      pool.due += 1;
      try {
        return await slots.run(priorityKey, signal, work);
      } finally {
        pool.due -= 1;
        changed();
      }
    },
  };
}
