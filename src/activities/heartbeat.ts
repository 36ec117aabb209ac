import { heartbeat } from '@temporalio/activity';

/** While a run is held or waits, in milliseconds: often enough for the heartbeat timeout, and rare. */
export const IDLE_HEARTBEAT_MS = 4_000;

/** While a handler runs, in milliseconds: the answer to a heartbeat is what tells of a cancellation. */
export const BUSY_HEARTBEAT_MS = 1_000;

/** Tells Temporal at each interval that this node lives, until the returned function is called. */
export function beatEvery(intervalMs: number): () => void {
  const timer = setInterval(heartbeat, intervalMs);
  return () => clearInterval(timer);
}
