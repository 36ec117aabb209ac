import { GIB, MIB, sizeBytes } from '../shared/size.js';

/** What one container may use unless its payload says otherwise, and the bounds of what it may say. */
export const DEFAULT_MEMORY = '512MiB';
export const DEFAULT_CPUS = 1;
export const DEFAULT_PROCESSES = 256;

/** Docker itself refuses less than 6 MiB. */
export const MIN_MEMORY_BYTES = 6 * MIB;
export const MAX_MEMORY_BYTES = 1_024 * GIB;
export const MIN_CPUS = 0.1;
export const MAX_CPUS = 64;
export const MAX_PROCESSES = 32_768;

/** The size of `/tmp` where the rest of the file system is read-only. It counts as memory of the container. */
export const TMP_BYTES = 64 * MIB;

/** Bytes of `512MiB` or `2GiB`; undefined for any other text, and outside 6 MiB to 1,024 GiB. */
export function memoryBytes(text: string): number | undefined {
  const bytes = sizeBytes(text) ?? 0;
  return bytes >= MIN_MEMORY_BYTES && bytes <= MAX_MEMORY_BYTES ? bytes : undefined;
}
