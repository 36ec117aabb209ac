/** Of sorted or unsorted values, the one that this share of them does not exceed. */
export function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(Math.ceil(sorted.length * share) - 1, 0)] ?? NaN;
}

export const median = (values: number[]): number => percentile(values, 0.5);

/** `0.0 / 1.2 / 3.4 / 5.6`: least, median, 99th percentile, most. */
export function range(values: number[]): string {
  const points = [Math.min(...values), median(values), percentile(values, 0.99), Math.max(...values)];
  return points.map(rounded).join(' / ');
}

export function rounded(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(1);
}
