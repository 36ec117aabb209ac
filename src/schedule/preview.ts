/** What a schedule is going to do, fire by fire, as it is shown to people. */
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
    fires.push(
      previewed(schedule, run, {
        isExcluded: false,
        runAt: seed === undefined ? null : effectiveTime(schedule, run, seed),
      }),
    );
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
  return {
    fireAt,
    ...fire,
    local: localText(fireAt, schedule.timeZone),
    notes: notesOf(schedule, fireAt, fire.isExcluded),
  };
}
