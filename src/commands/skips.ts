import { v7 as uuidv7 } from 'uuid';
import type { SkipOutcome } from '../domain/run.js';
import { countFires, firesBetween, lastFire, notesOf, type Part, type Schedule } from '../schedule/index.js';
import type { JobRecord } from '../store/job-record.js';
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

type Why = Pick<Skip, 'outcome' | 'reason'>;

/** The rows of the fires in (after, until] that a calendar excludes. */
export function excludedBetween(schedule: Schedule, after: number, until: number): Skip[] {
  const why = { outcome: 'skipped_excluded', reason: 'Their days are excluded by calendars of the job.' } as const;
  const skips = skipsBetween(schedule, after, until, why, { part: 'excluded' });
  return skips.map((skip) => (skip.until === undefined ? { ...skip, ...whyExcluded(schedule, skip.fireAt) } : skip));
}

/** Why an excluded fire does not run: the calendar and the day. */
export function whyExcluded(schedule: Schedule, fire: number): Why {
  const [reason = 'Its day is excluded by a calendar of the job.'] = notesOf(schedule, fire);
  return { outcome: 'skipped_excluded', reason };
}

/** Why a fire did not run that came in a pause: with the reason that was given for that. */
export function whilePaused({ pauseReason }: Pick<JobRecord, 'pauseReason'>): Why {
  const reason = pauseReason === null ? 'The job was paused.' : `The job was paused: ${pauseReason}`;
  return { outcome: 'skipped_paused', reason };
}
