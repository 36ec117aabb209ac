import { BYTES_PER_BEAT, MAX_BURST_BYTES, MESSAGE_OVERHEAD_BYTES } from './limits.js';

/** How much a child may still send: a burst, and a little more each second, for as long as it runs. */
export interface Budget {
  /** False when it is used up. */
  take(bytes: number): boolean;
  takeMessage(): boolean;
  refill(): void;
}

export function createBudget(): Budget {
  let left = MAX_BURST_BYTES;
  const take = (bytes: number): boolean => (left -= bytes) >= 0;
  return {
    take,
    takeMessage: () => take(MESSAGE_OVERHEAD_BYTES),
    refill: () => void (left = Math.min(MAX_BURST_BYTES, left + BYTES_PER_BEAT)),
  };
}
