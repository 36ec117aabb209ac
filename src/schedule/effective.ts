/**
 * When the run of a fire begins: the fire itself (its nominal time), put off by the job's `spread` and `jitter`. Stable:
 * the same job and fire give the same instant on every node, in every preview.
 */
import { lastFire, nextFire } from './fires.js';
import { LATEST } from './limits.js';
import type { Schedule } from './types.js';

/**
 * The effective time of a fire, in epoch milliseconds: at most `spreadMs + jitterMs` later, and always before the next
 * fire, so that runs keep the order of their fires.
 *
 * @param seed what makes the offsets of one job differ from another's: its id
 */
export function effectiveTime(schedule: Schedule, fire: number, seed: string): number {
  if (!isPutOff(schedule)) return fire;
  const next = nextFire(schedule, fire);
  const room = next === null ? Infinity : next - fire;
  const whole = partOf(schedule.spreadMs, `spread ${seed}`);
  // The same for each fire, but where the next one comes sooner.
  const spread = whole < room ? whole : partOf(room, `spread ${seed}`);
  const jitter = partOf(Math.min(schedule.jitterMs, room - spread), `jitter ${seed} ${fire}`);
  return Math.min(fire + spread + jitter, LATEST);
}

/**
 * The instant up to which all fires have begun to be due at `now`: `now` itself, or just before a fire that is still
 * put off.
 */
export function dueUntil(schedule: Schedule, now: number, seed: string): number {
  if (!isPutOff(schedule)) return now;
  const last = lastFire(schedule, -Infinity, now);
  return last !== null && effectiveTime(schedule, last, seed) > now ? last - 1 : now;
}

function isPutOff(schedule: Schedule): schedule is Extract<Schedule, { kind: 'recurring' }> {
  return schedule.kind === 'recurring' && (schedule.spreadMs > 0 || schedule.jitterMs > 0);
}

/** A part of `length` in whole milliseconds, from 0 to just below it, spread evenly over texts. */
function partOf(length: number, text: string): number {
  return Math.floor((hashOf(text) / 2 ** 32) * length);
}

/** 32 bits of a text: FNV-1a, mixed by the finalizer of MurmurHash3 so that texts alike come out far apart. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let n = 0; n < text.length; n += 1) hash = Math.imul(hash ^ text.charCodeAt(n), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
