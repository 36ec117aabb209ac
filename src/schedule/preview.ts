/** What a schedule is going to do, fire by fire, as it is shown to people. */
import { describeLength } from './describe.js';
import { effectiveTime } from './effective.js';
import { LATEST } from './limits.js';
import { notesOf } from './notes.js';
import { partsOf } from './rules.js';
import { localText } from './local-text.js';
import type { Schedule } from './types.js';

/** A fire to come. Instants are epoch milliseconds. */
export interface PreviewedFire {
  fireAt: number;
  /** When its run begins; null where that depends on a job that there is none of yet. */
  runAt: number | null;
  /** RFC 3339, with the offset that the zone has then. */
  local: string;
  /** Whether a calendar excludes it. */
  isExcluded: boolean;
  notes: string[];
}

export interface PreviewOptions {
  count: number;
  /** What decides how fires are put off: the job's id, where there is a job. */
  seed?: string | undefined;
  /** The most runs; excluded fires are none. */
  maxRuns?: number | undefined;
}

/** The first fires strictly after `after`, excluded ones among them, in order; none after the last that runs. */
export function previewFires(schedule: Schedule, after: number, options: PreviewOptions): PreviewedFire[] {
  const { count, seed, maxRuns = Infinity } = options;
  const { all, runs, leftOut } = partsOf(schedule);
  const fires: PreviewedFire[] = [];
  let runsShown = 0;
  let nextRun: number | null = after;
  const isMore = () => fires.length < count && runsShown < maxRuns;
  for (let at = all.next(after); at !== null && at <= LATEST && isMore(); at = all.next(at)) {
    const isExcluded = leftOut?.has(at) ?? false;
    if (isExcluded && nextRun !== null && nextRun < at) nextRun = runs.next(at);
    if (isExcluded && nextRun === null) break;
    fires.push(previewed(schedule, at, isExcluded, seed));
    if (!isExcluded) runsShown += 1;
  }
  return fires;
}

function previewed(schedule: Schedule, fireAt: number, isExcluded: boolean, seed: string | undefined): PreviewedFire {
  const runAt = seed === undefined || isExcluded ? null : effectiveTime(schedule, fireAt, seed);
  const notes = [...notesOf(schedule, fireAt), ...(seed === undefined && !isExcluded ? putOffNote(schedule) : [])];
  return { fireAt, runAt, local: localText(fireAt, schedule.timeZone), isExcluded, notes };
}

function putOffNote(schedule: Schedule): string[] {
  const most = schedule.kind === 'once' ? 0 : schedule.spreadMs + schedule.jitterMs;
  return most === 0
    ? []
    : [`It begins less than ${describeLength(most)} later: by how much, the id of the job decides.`];
}
