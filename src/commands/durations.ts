const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** Milliseconds in words, by the largest unit that they are a whole number of: "1 hour", "90 minutes". */
export function inWords(ms: number): string {
  const [unit, length] = UNITS.find(([, each]) => ms >= each && ms % each === 0) ?? (['millisecond', 1] as const);
  const count = ms / length;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
