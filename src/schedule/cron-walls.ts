/** How a cron job takes the clock's changes: which wall times of an offset period make it fire. */
import type { CompiledCron } from './cron-expression.js';
import type { DstPolicy } from './types.js';
import { gapBefore, type OffsetPeriod } from './wall-clock.js';

export type DstChoice = { [Switch in keyof DstPolicy]-?: NonNullable<DstPolicy[Switch]> };

/**
 * What a job does not say itself: fixed times are made up for at the end of a gap and run at the first copy of an
 * overlap; any other job follows real time. These are Vixie cron's rules (cron(8): skipped jobs run immediately after
 * the change, repeated ones once; wildcard jobs run by the new time).
 */
export function policyOf({ isFixedTime }: CompiledCron, dst: DstPolicy | undefined): DstChoice {
  return {
    gap: dst?.gap ?? (isFixedTime ? 'shift' : 'skip'),
    overlap: dst?.overlap ?? (isFixedTime ? 'first' : 'both'),
  };
}

/** The first wall time that counts from `instant` on, an instant of `period`. */
export function firstWall({ offset, shownBefore }: OffsetPeriod, instant: number, { overlap }: DstChoice): number {
  return overlap === 'first' ? Math.max(instant + offset, shownBefore + 1) : instant + offset;
}

/** The wall times that make one fire together at the start of a period, [from, to], or null. */
export function madeUpAtStart(period: OffsetPeriod, { gap }: DstChoice): { from: number; to: number } | null {
  return gap === 'shift' ? gapBefore(period) : null;
}
