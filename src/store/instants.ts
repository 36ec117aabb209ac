/** Epoch milliseconds as what Postgres takes for a timestamptz, keeping fractions (to the microsecond). */
export function toTimestamp(instant: number): string;
export function toTimestamp(instant: number | null): string | null;
export function toTimestamp(instant: number | null): string | null {
  if (instant === null) return null;
  const whole = Math.floor(instant);
  const micros = Math.floor((instant - whole) * 1000);
  return new Date(whole).toISOString().replace('Z', `${String(micros).padStart(3, '0')}Z`);
}
