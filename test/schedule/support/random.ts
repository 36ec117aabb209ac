/** Seeded random schedules, so that a failure comes back (mulberry32 by Tommy Ettinger, public domain). */
export interface Random {
  /** An integer in [from, to]. */
  integer(from: number, to: number): number;
  pick<T>(items: readonly T[]): T;
}

export function random(seed: number): Random {
  let state = seed;
  const fraction = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (from: number, to: number) => from + Math.floor(fraction() * (to - from + 1));
  return {
    integer,
    pick: (items) => {
      for (const item of items.slice(integer(0, items.length - 1))) return item;
      throw new Error('nothing to pick from');
    },
  };
}

/** One cron field: a value, a list, a range, a step or a star. */
function field({ integer, pick }: Random, low: number, high: number, star: number): string {
  const value = () => integer(low, high);
  if (integer(1, 100) <= star) return '*';
  const from = value();
  return pick([
    () => String(from),
    () => [...new Set([from, value(), value()])].join(','),
    () => `${from}-${integer(from, high)}`,
    () => `*/${integer(1, high - low + 1)}`,
    () => `${from}-${integer(from, high)}/${integer(1, 7)}`,
  ])();
}

/** Half of the times lie in the hours in which clocks change. */
const NIGHT = ['23', '0', '1', '2', '1-3', '22,23', '0,12', '*/2'];

/**
 * A five-field expression whose day fields never begin with a star and a step (there engines differ, see the decision
 * record).
 */
export function randomCron(source: Random): string {
  const days = (low: number, high: number) => {
    const text = field(source, low, high, 60);
    return text.startsWith('*/') ? '*' : text;
  };
  return [
    field(source, 0, 59, 15),
    source.integer(0, 1) === 0 ? source.pick(NIGHT) : field(source, 0, 23, 30),
    days(1, 28),
    field(source, 1, 12, 90),
    days(0, 6),
  ].join(' ');
}
