const SECOND_MS = 1_000;
/** A server may ask for patience, not for the job's whole day. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/**
 * Milliseconds to wait by a `Retry-After` field (RFC 9110 section 10.2.3): seconds, or an HTTP-date in any of its three
 * forms (section 5.6.7). At least 0, at most an hour; undefined for a value that is neither.
 *
 * @param nowMs the present, in epoch milliseconds
 */
export function retryAfterMs(value: string, nowMs: number): number | undefined {
  const text = value.trim();
  const waitMs = /^\d+$/.test(text) ? Number(text) * SECOND_MS : dateMs(text) - nowMs;
  if (Number.isNaN(waitMs)) return undefined;
  return Math.min(Math.max(waitMs, 0), MAX_RETRY_AFTER_MS);
}

const GMT_DATE = /^[A-Z][a-z]{2,8}, \d{2}[ -][A-Z][a-z]{2}[ -]\d{2,4} \d{2}:\d{2}:\d{2} GMT$/;
/** The form of C's asctime says no zone, but means GMT. */
const ASCTIME_DATE = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/** NaN for what is no HTTP-date: Date.parse alone takes far more than the RFC, and reads it in the host's zone. */
function dateMs(text: string): number {
  if (GMT_DATE.test(text)) return Date.parse(text);
  return ASCTIME_DATE.test(text) ? Date.parse(`${text} GMT`) : NaN;
}
