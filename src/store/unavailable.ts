/** SQLSTATE classes and codes that say "not now": connections, resources, shutdown, deadlock, time-outs. */
const passing = /^(08...|53...|57P0[1235]|57014|40001|40P01|55P03)$/;
const systemCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);
const prismaCodes = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2034', 'P2037']);
/** What the driver and its pool say without a code. */
const messages =
  /connection terminated|timeout exceeded when trying to connect|not queryable|connection error|pool after calling end/i;

/** Whether an error means that the database cannot be reached or is too busy, so that asking again later can help. */
export function isDatabaseUnavailable(error: unknown): boolean {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    const code = (at as { code?: unknown }).code;
    if (typeof code === 'string' && (passing.test(code) || systemCodes.has(code) || prismaCodes.has(code))) return true;
    if (messages.test(at.message)) return true;
    if (at instanceof AggregateError && at.errors.some((one) => isDatabaseUnavailable(one))) return true;
  }
  return false;
}
