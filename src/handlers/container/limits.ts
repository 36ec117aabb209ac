/** What one container may use unless its payload says otherwise, and the bounds of what it may say. */
export const DEFAULT_MEMORY = '512MiB';
export const DEFAULT_CPUS = 1;
export const DEFAULT_PROCESSES = 256;

const MIB = 1024 * 1024;
/** Docker itself refuses less than 6 MiB. */
export const MIN_MEMORY_BYTES = 6 * MIB;
export const MAX_MEMORY_BYTES = 1024 * 1024 * MIB;
export const MIN_CPUS = 0.1;
export const MAX_CPUS = 64;
export const MAX_PROCESSES = 32_768;

/** The size of `/tmp` where the rest of the file system is read-only. It counts as memory of the container. */
export const TMP_BYTES = 64 * MIB;

const UNIT_BYTES: Readonly<Record<string, number>> = { MiB: MIB, GiB: 1024 * MIB };

/** Bytes of `512MiB` or `2GiB`; undefined for any other text, and outside 6 MiB to 1,024 GiB. */
export function memoryBytes(text: string): number | undefined {
  const [, digits = '', unit = ''] = /^([1-9]\d{0,6})(MiB|GiB)$/.exec(text) ?? [];
  const bytes = Number(digits) * (UNIT_BYTES[unit] ?? 0);
  return bytes >= MIN_MEMORY_BYTES && bytes <= MAX_MEMORY_BYTES ? bytes : undefined;
}
