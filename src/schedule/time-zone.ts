import { Temporal } from 'temporal-polyfill';
import { isPlainText } from './limits.js';
import type { Understood } from './types.js';

/** The release of the IANA time-zone data in use, such as `2025c`. */
export const timeZoneDataVersion: string = process.versions['tz'] ?? 'unknown';

const EXAMPLE = 'use an IANA name such as "Europe/Lisbon" or "UTC"';

/**
 * Reads an IANA time-zone name in any case and gives its usual spelling. Links keep the name that was written
 * (Europe/Kyiv stays Europe/Kyiv), as Temporal (ECMA-402 AvailableNamedTimeZoneIdentifiers) has it; Intl alone would
 * rename them and would take ICU's private names such as PST or SystemV/PST8.
 */
export function readTimeZone(name: string): Understood<string> {
  if (name === '') return { ok: false, message: `The time zone is empty: ${EXAMPLE}, or leave timezone out for UTC.` };
  if (!isPlainText(name) || name.length > 64) {
    return { ok: false, message: `The time zone is not a name of the IANA database: ${EXAMPLE}.` };
  }
  if (/^(utc|gmt)?[+-]\d/i.test(name)) {
    return {
      ok: false,
      message: `The time zone "${name}" is an offset, which knows no daylight saving time: ${EXAMPLE}.`,
    };
  }
  const canonical = /^[a-z]/i.test(name) && !/^systemv\//i.test(name) ? ianaName(name) : null;
  if (canonical === null) return { ok: false, message: `The time zone "${name}" does not exist: ${EXAMPLE}.` };
  return { ok: true, value: canonical };
}

function ianaName(name: string): string | null {
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name).timeZoneId;
  } catch {
    return null;
  }
}

/** The first instant of the local day in which `at` lies; epoch milliseconds. */
export function startOfDay(at: number, timeZone: string): number {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone).startOfDay().epochMilliseconds;
}
