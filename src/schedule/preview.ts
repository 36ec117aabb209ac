/** What a schedule is going to do, fire by fire, as it is shown to people. */
import { describeLength } from './describe.js';
import { effectiveTime } from './effective.js';
import { nextFire } from './fires.js';
import { notesOf } from './notes.js';
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

/** The first fires strictly after `after`, excluded ones among them, in order. */
export function previewFires(schedule: Schedule, after: number, options: PreviewOptions): PreviewedFire[] {
  const { count, seed, maxRuns = Infinity } = options;
  const fires: PreviewedFire[] = [];
  let run = nextFire(schedule, after);
  let excluded = nextFire(schedule, after, 'excluded');
  for (let runs = 0; fires.length < count && run !== null && runs < maxRuns;) {
    if (excluded !== null && excluded < run) {
      fires.push(previewed(schedule, excluded, { isExcluded: true, runAt: null }));
      excluded = nextFire(schedule, excluded, 'excluded');
      continue;
    }
    const runAt = seed === undefined ? null : effectiveTime(schedule, run, seed);
    fires.push(previewed(schedule, run, { isExcluded: false, runAt }));
    runs += 1;
    run = nextFire(schedule, run);
  }
  return fires;
}

function previewed(
  schedule: Schedule,
  fireAt: number,
  fire: Pick<PreviewedFire, 'isExcluded' | 'runAt'>,
): PreviewedFire {
  const { isExcluded, runAt } = fire;
  const putOff = isExcluded || runAt !== null ? [] : putOffNote(schedule);
  const notes = [...notesOf(schedule, fireAt, isExcluded), ...putOff];
  return { fireAt, ...fire, local: localText(fireAt, schedule.timeZone), notes };
}

function putOffNote(schedule: Schedule): string[] {
  const most = schedule.kind === 'once' ? 0 : schedule.spreadMs + schedule.jitterMs;
  return most === 0
    ? []
    : [`It begins less than ${describeLength(most)} later: by how much, the id of the job decides.`];
}
