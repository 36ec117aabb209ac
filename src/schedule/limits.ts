/** The years a schedule may name: 1970 to 9999. Nothing fires outside them, so an endless recurrence ends there. */
export const EARLIEST = 0;
export const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/**
 * Printable ASCII only: control characters, and letters that merely look like Latin ones (the Kelvin sign lower-cases
 * to k), are refused.
 */
export function isPlainText(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
