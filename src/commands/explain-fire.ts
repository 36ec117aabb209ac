import { isChained } from '../domain/after.js';
import type { Fire } from '../domain/job.js';
import { isFinal } from '../domain/status.js';
import {
  countFires,
  isExcluded,
  lastFire,
  localText,
  lowerFirst,
  movedAway,
  nextFire,
  nextOfAll,
  notesOf,
  type Schedule,
} from '../schedule/index.js';
import type { JobRecord } from '../store/job-record.js';
import { describeChain } from './after.js';
import type { Explanation } from './explain.js';
import { MAX_SKIP_COUNT } from './skips.js';
import { fireOf, runsLeft } from './upcoming.js';

/** What people mean by a time of day: a fire within the minute. */
const MINUTE_MS = 60_000;

/** The end of the minute that a whole minute stands for; any other instant stands for itself. */
export function lastOfMinute(at: number): number {
  return at % MINUTE_MS === 0 ? at + MINUTE_MS - 1 : at;
}

/** The fire at `at`: of that very instant, or of its minute when it is a whole one; nominal or effective. */
export function fireMeant(job: JobRecord, schedule: Schedule, at: number): Fire | null {
  const until = lastOfMinute(at);
  const named = nextOfAll(schedule, at - 1, until);
  if (named !== null)
    return isExcluded(schedule, named) ? { fireAt: named, runAt: named } : fireOf(job, schedule, named);
  const last = lastFire(schedule, -Infinity, at);
  const putOff = last === null ? null : fireOf(job, schedule, last);
  return putOff !== null && putOff.runAt >= at && putOff.runAt <= until ? putOff : null;
}

interface Question {
  at: number;
  fire: Fire | null;
  now: number;
  /** Why the job ended, where that was not its own doing. */
  endReason: string | null;
}
type Answer = Pick<Explanation, 'code' | 'sentence'>;

/** What the schedule and the standing of a job say about an instant of which the ledger has nothing. */
export function explainWithoutRow(job: JobRecord, schedule: Schedule, { at, fire, now, endReason }: Question): Answer {
  const zone = schedule.timeZone;
  if (fire === null && isFinal(job.status) && at > job.updatedAt) return explainEnd(job, endReason);
  if (job.after && isChained(job)) {
    return { code: 'no_fire', sentence: `The job has no schedule: it runs ${describeChain(job.after)}.` };
  }
  if (fire === null) {
    const moved = movedAway(schedule, at - 1, lastOfMinute(at));
    if (moved !== null) return { code: 'no_fire', sentence: moved };
    const before = lastFire(schedule, -Infinity, at);
    const after = nextFire(schedule, at);
    const around = [
      ...(before === null ? [] : [`the last one before it is ${localText(before, zone)}`]),
      ...(after === null ? ['none comes after it'] : [`the next one is ${localText(after, zone)}`]),
    ];
    return {
      code: 'no_fire',
      sentence: `The schedule names no fire at ${localText(at, zone)}: ${around.join(', and ')}.`,
    };
  }
  const when = localText(fire.fireAt, zone);
  if (fire.fireAt < job.createdAt && fire.fireAt <= job.settledUntil) {
    return {
      code: 'before_submission',
      sentence: `There was no job yet: it was submitted at ${localText(job.createdAt, zone)}.`,
    };
  }
  if (isExcluded(schedule, fire.fireAt)) {
    const [note = 'Its day is excluded by a calendar of the job.'] = notesOf(schedule, fire.fireAt);
    return {
      code: 'excluded',
      sentence: `${fire.fireAt > now ? 'It will not run' : 'It did not run'}: ${lowerFirst(note)}`,
    };
  }
  if (fire.fireAt <= job.settledUntil) {
    const sentence = `The schedule that held at ${when} did not name it: the job was changed since (generation ${job.scheduleGeneration}).`;
    return { code: 'not_in_force', sentence };
  }
  if (isFinal(job.status)) return explainEnd(job, endReason);
  if (comesAfterLastRun(job, schedule, fire)) {
    const last = job.maxRuns === 1 ? 'its only run' : `the last of its ${job.maxRuns} runs`;
    return { code: 'no_more_runs', sentence: `The job ends before it, with ${last}.` };
  }
  const isPausedThen = job.status === 'paused' && fire.fireAt <= (job.pauseUntil ?? Infinity);
  if (isPausedThen) return { code: 'paused', sentence: pausedSentence(job, zone) };
  if (fire.runAt > now) return willRun(job, fire, zone);
  return {
    code: 'overdue',
    sentence: `It is due since ${Math.round((now - fire.runAt) / 1_000)} s and has not begun.`,
  };
}

/** That a job has ended, and why. */
export function explainEnd(job: JobRecord, endReason: string | null): Answer {
  const why = runsLeft(job) <= 0 ? `, having had its ${job.maxRuns} runs` : '';
  const since = `The job is ${job.status} since ${localText(job.updatedAt, job.timezone)}${why}`;
  const because = endReason === null ? '' : ` ${endReason}`;
  return { code: 'ended', sentence: `${since}: nothing of it runs any more.${because}` };
}

function willRun({ status, pauseUntil }: JobRecord, fire: Fire, zone: string): Answer {
  const isPaused = status === 'paused' && pauseUntil !== null;
  const pause = isPaused ? `, after the pause, which ends at ${localText(pauseUntil, zone)}` : '';
  const putOff = fire.runAt === fire.fireAt ? '' : `, put off to ${localText(fire.runAt, zone)} by spread or jitter`;
  return { code: 'will_run', sentence: `It is to run at ${localText(fire.fireAt, zone)}${putOff}${pause}.` };
}

function pausedSentence({ pauseReason, pauseUntil }: JobRecord, zone: string): string {
  const why = pauseReason === null ? '' : ` (${pauseReason})`;
  const until = pauseUntil === null ? 'until it is resumed' : `until ${localText(pauseUntil, zone)}`;
  return `The job is paused${why} ${until}: its fires do not run, and the ledger tells of them when the pause ends.`;
}

/** Whether the job's `maxRuns` is used up before a fire to come, each fire until then being a run. */
function comesAfterLastRun(job: JobRecord, schedule: Schedule, fire: Fire): boolean {
  const left = runsLeft(job);
  if (left <= 0) return true;
  // Beyond so many nothing is counted, and nobody asks.
  return left < MAX_SKIP_COUNT && countFires(schedule, job.settledUntil, fire.fireAt - 1, left) >= left;
}
