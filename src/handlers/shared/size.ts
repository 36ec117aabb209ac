export const KIB = 1_024;
export const MIB = 1_024 * KIB;
export const GIB = 1_024 * MIB;

const UNIT_BYTES: Readonly<Record<string, number>> = { B: 1, KiB: KIB, MiB: MIB, GiB: GIB };

/** Bytes of `512MiB` (units B, KiB, MiB, GiB) or of a whole number of bytes; undefined for anything else. */
export function sizeBytes(size: string | number): number | undefined {
  if (typeof size === 'number') return Number.isSafeInteger(size) && size >= 0 ? size : undefined;
  const [, amount, unit] = /^(\d{1,12})(B|KiB|MiB|GiB)$/.exec(size) ?? [];
  return amount === undefined || unit === undefined ? undefined : Number(amount) * (UNIT_BYTES[unit] ?? NaN);
}

/** How long a value is as JSON, in bytes of UTF-8. */
export const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
