import { v7 as uuidv7 } from 'uuid';
import type { SkipOutcome } from '../domain/run.js';
import { countFires, firesBetween, lastFire, type Part, type Schedule } from '../schedule/index.js';
import type { Skip } from '../store/skips.js';

/** A stretch of more fires than this is one summary row. */
export const MAX_SKIP_ROWS = 100;

/** Beyond this many fires a summary row stops counting: the work of one outage stays bounded. */
export const MAX_SKIP_COUNT = 10_000;

export interface SkipOptions {
  /** The most rows; a stretch of more fires is one. */
  maxRows?: number;
  /** Which fires: those that run, when nothing is said, or those that a calendar excludes. */
  part?: Part;
}

/** The ledger rows of the fires in (after, until] that will not run: one each, or one for all of a long stretch. */
export function skipsBetween(
  schedule: Schedule,
  after: number,
  until: number,
  why: { outcome: SkipOutcome; reason: string },
  { maxRows = MAX_SKIP_ROWS, part = 'runs' }: SkipOptions = {},
): Skip[] {
  const fires = firesBetween(schedule, after, until, maxRows + 1, part);
  if (fires.length <= maxRows) return fires.map((fireAt) => ({ runId: uuidv7(), fireAt, ...why }));

  const first = fires[0];
  const last = lastFire(schedule, after, until, part);
  if (first === undefined || last === null) return [];
  const count = countFires(schedule, after, until, MAX_SKIP_COUNT, part);
  const counted = count < MAX_SKIP_COUNT ? `${count}` : `${MAX_SKIP_COUNT} or more`;
  return [
    {
      runId: uuidv7(),
      fireAt: first,
      until: last,
      count,
      ...why,
      reason: `${why.reason} (${counted} fires in one row)`,
    },
  ];
}
