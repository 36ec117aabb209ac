import { z } from 'zod';
import { durationMs, HOUR, SECOND } from './duration.js';
import { refuse } from './refuse.js';

/** How long an exchange with another system may take, in milliseconds, unless the payload says otherwise. */
export const DEFAULT_TIMEOUT_MS = 30 * SECOND;
const MAX_TIMEOUT_MS = HOUR;

const SHAPE = 'The timeout must be an ISO 8601 duration, such as PT30S.';

/** The field `timeout` of a payload. */
export const timeout = z.string({ error: SHAPE }).superRefine(
  refuse((text) => {
    const ms = durationMs(text);
    if (ms === undefined) return SHAPE;
    return ms < 1 || ms > MAX_TIMEOUT_MS ? 'The timeout must be more than zero and at most PT1H.' : undefined;
  }),
);

/** Milliseconds of the field `timeout` of a payload, or the default where it is not given. */
export const timeoutMsOf = (text: string | undefined): number =>
  (text === undefined ? undefined : durationMs(text)) ?? DEFAULT_TIMEOUT_MS;
