import { AppError } from '../domain/errors.js';

/** The refusal of the triggers as an error with a public side; undefined for any other error. */
export function quotaRefusal(error: unknown): AppError | undefined {
  if (!(error instanceof Error) || !('code' in error) || error.code !== OVER_QUOTA) return undefined;
  const { detail } = error as { detail?: unknown };
  const { retryAfterMs, ...quota } = JSON.parse(String(detail)) as Refusal;
  const { name, limit, used } = quota;
  return new AppError('quota_exceeded', `The quota ${name} of the project is ${limit}, of which ${used} are used.`, {
    quota,
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  });
}

/** The SQLSTATE by which the triggers refuse. */
const OVER_QUOTA = 'CQ001';

interface Refusal {
  name: string;
  limit: number;
  used: number;
  retryAfterMs: number | null;
}
