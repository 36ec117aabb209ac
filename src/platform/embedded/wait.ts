import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks `isTrue` every `everyMs` until it says yes (then: true) or `withinMs` have passed (then: false).
 * An error of `isTrue` is thrown on.
 */
export async function becomesTrue(
  isTrue: () => boolean | Promise<boolean>,
  { withinMs, everyMs = 20 }: { withinMs: number; everyMs?: number },
): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (!(await isTrue())) {
    if (performance.now() >= deadline) return false;
    await delay(everyMs);
  }
  return true;
}

/** True when `promise` settles within that time; it is not cancelled when it does not. */
export async function settlesWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  const settled = promise.then(
    () => true,
    () => true,
  );
  const tooLate = delay(ms, false, { signal: timer.signal }).catch(() => false);
  const inTime = await Promise.race([settled, tooLate]);
  timer.abort();
  return inTime;
}
