import type { ExplainAnswer } from '../contract/answers.js';
import { isChained } from '../domain/after.js';
import { AppError } from '../domain/errors.js';
import type { Fire } from '../domain/job.js';
import { isFinal } from '../domain/status.js';
import {
  countFires,
  describeSchedule,
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
import { readJob } from '../store/job-reads.js';
import { readNewestRetry } from '../store/retries.js';
import { listRuns, readRunOfFire, type RunRecord } from '../store/run-reads.js';
import { describeChain } from './after.js';
import { explainRow } from './explain-row.js';
import type { Caller, CommandPorts } from './ports.js';
import { scheduleOf } from './schedule-of.js';
import { MAX_SKIP_COUNT } from './skips.js';
import { explainWaitingFire, explainWaitingRun, type Waiting } from './why-waiting.js';
import { fireOf, runsLeft } from './upcoming.js';
import { refuse, tooFarAhead } from './validate.js';

export interface Explanation {
  code: ExplainAnswer['code'];
  sentence: string;
  understoodAs: string;
  /** What is worth knowing about the fire: that the clock or a calendar moved it. */
  notes: string[];
  /** The fire that is explained; null when there is none at that instant. */
  fire: Fire | null;
  run: RunRecord | null;
  /** Why it has not begun, where it is due or waits. */
  waiting: Waiting | null;
  /** The fires of the schedule before and after it. */
  before: number | null;
  after: number | null;
  timeZone: string;
}

/** What one looks for: within a minute of a whole minute is what people mean by a time of day. */
const MINUTE_MS = 60_000;

/** Why did it (not) run at `at`? From the ledger, and where that has no row from the schedule and how the job stands. */
export async function explainJob(
  ports: Pick<CommandPorts, 'db' | 'clock'>,
  caller: Caller,
  jobId: string,
  at: number,
): Promise<Explanation> {
  const found = await readJob(ports.db, caller.projectId, jobId);
  if (!found) throw new AppError('job_not_found', `There is no job ${jobId}.`);
  const { job } = found;
  const now = Math.floor(ports.clock.now());
  refuse(tooFarAhead({ parameter: 'at' }, at, now));
  const schedule = scheduleOf(job);
  const meant = fireMeant(job, schedule, at);
  const fireAt = meant?.fireAt ?? at;
  const run = await readRunOfFire(ports.db, job.id, fireAt, summaryOf(schedule, meant));
  // A row of many excluded fires names no day, which the calendars of today can do if they still exclude it.
  const isOfManyDays = run?.outcome === 'skipped_excluded' && run.fireCount > 1 && isExcluded(schedule, fireAt);
  const { code, sentence } =
    run && !isOfManyDays
      ? explainRow(run)
      : explainWithoutRow(job, schedule, { at, fire: meant, now, underWay: await runUnderWay(ports, job) });
  const waiting = run
    ? await explainWaitingRun(ports, job.projectId, run)
    : code === 'overdue'
      ? await explainWaitingFire(ports, { projectId: job.projectId, jobId })
      : null;
  const why = waiting && code !== 'under_way' ? ` ${waiting.sentence}` : '';
  return {
    code,
    sentence: sentence + why + (run ? await doneAgain(ports, job, run) : ''),
    understoodAs: job.after && isChained(job) ? describeChain(job.after) : describeSchedule(schedule, job.maxRuns),
    notes: meant ? notesOf(schedule, meant.fireAt) : [],
    fire: meant ?? (run ? { fireAt: run.scheduledFor, runAt: run.effectiveAt ?? run.scheduledFor } : null),
    run: run ?? null,
    waiting,
    before: lastFire(schedule, -Infinity, fireAt - 1),
    after: nextFire(schedule, fireAt),
    timeZone: schedule.timeZone,
  };
}

/** That a run which did not complete was done again, and how that ended. */
async function doneAgain({ db }: Pick<CommandPorts, 'db'>, job: JobRecord, run: RunRecord): Promise<string> {
  if (run.outcome === 'completed') return '';
  const retry = await readNewestRetry(db, job.id, run);
  return retry ? ` It was done again by the run ${retry.id}, which is ${retry.outcome}.` : '';
}

/** Which summary rows may tell of a fire: none of an instant that is no fire, and excluded fires have their own. */
function summaryOf(schedule: Schedule, fire: Fire | null): 'none' | 'excluded' | 'other' {
  if (fire === null) return 'none';
  return isExcluded(schedule, fire.fireAt) ? 'excluded' : 'other';
}

/** A run of the job that is under way; undefined when there is none. */
async function runUnderWay({ db }: Pick<CommandPorts, 'db'>, job: JobRecord): Promise<RunRecord | undefined> {
  if (job.runningRuns === 0) return undefined;
  const of = { projectId: job.projectId, jobId: job.id };
  const { items } = await listRuns(db, of, { outcome: 'running' }, { limit: 1, offset: 0 });
  return items[0];
}

/** The end of the minute that a whole minute stands for; any other instant stands for itself. */
function lastOfMinute(at: number): number {
  return at % MINUTE_MS === 0 ? at + MINUTE_MS - 1 : at;
}

/** The fire at `at`: of that very instant, or of its minute when it is a whole one; nominal or effective. */
function fireMeant(job: JobRecord, schedule: Schedule, at: number): Fire | null {
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
  underWay: RunRecord | undefined;
}
type Answer = Pick<Explanation, 'code' | 'sentence'>;

function explainWithoutRow(job: JobRecord, schedule: Schedule, { at, fire, now, underWay }: Question): Answer {
  if (job.after && isChained(job) && !isFinal(job.status)) {
    return { code: 'no_fire', sentence: `The job has no schedule: it runs ${describeChain(job.after)}.` };
  }
  const zone = schedule.timeZone;
  if (fire === null && isFinal(job.status) && at > job.updatedAt) return ended(job, zone);
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
  if (isFinal(job.status)) return ended(job, zone);
  if (comesAfterLastRun(job, schedule, fire)) {
    const last = job.maxRuns === 1 ? 'its only run' : `the last of its ${job.maxRuns} runs`;
    return { code: 'no_more_runs', sentence: `The job ends before it, with ${last}.` };
  }
  const isPausedThen = job.status === 'paused' && fire.fireAt <= (job.pauseUntil ?? Infinity);
  if (isPausedThen) return { code: 'paused', sentence: pausedSentence(job, zone) };
  return fire.runAt > now ? willRun(job, fire, zone) : explainDue(job, fire, now, underWay);
}

function ended(job: JobRecord, zone: string): Answer {
  const why = runsLeft(job) <= 0 ? `, having had its ${job.maxRuns} runs` : '';
  return {
    code: 'ended',
    sentence: `The job is ${job.status} since ${localText(job.updatedAt, zone)}${why}: nothing of it runs any more.`,
  };
}

function willRun({ status, pauseUntil }: JobRecord, fire: Fire, zone: string): Answer {
  const isPaused = status === 'paused' && pauseUntil !== null;
  const pause = isPaused ? `, after the pause, which ends at ${localText(pauseUntil, zone)}` : '';
  const putOff = fire.runAt === fire.fireAt ? '' : `, put off to ${localText(fire.runAt, zone)} by spread or jitter`;
  return { code: 'will_run', sentence: `It is to run at ${localText(fire.fireAt, zone)}${putOff}${pause}.` };
}

/** A fire that is due, of a job that is at work, and that the ledger does not tell of yet. */
function explainDue(job: JobRecord, fire: Fire, now: number, underWay: RunRecord | undefined): Answer {
  if (underWay !== undefined && underWay.trigger !== 'schedule') {
    return { code: 'overlapping', sentence: 'A run beside the schedule is under way: it runs when that has ended.' };
  }
  if (underWay !== undefined && fire.fireAt <= (job.catchUpUntil ?? -Infinity)) {
    return { code: 'overlapping', sentence: 'The runs that the job catches up with are under way: it is one of them.' };
  }
  if (underWay !== undefined) {
    const becomes = {
      skip: 'it is skipped, which the ledger tells when that run ends',
      buffer_one: 'it waits for its end, if it is the first to wait',
      buffer_all: 'it waits for its end',
      cancel_other: 'that run is being cancelled',
      allow_all: 'it begins beside it',
    }[job.overlap];
    return { code: 'overlapping', sentence: `A run of the job is under way: ${becomes} (overlap ${job.overlap}).` };
  }
  const seconds = Math.max(0, Math.round((now - fire.runAt) / 1_000));
  return { code: 'overdue', sentence: `It is due since ${seconds} s and has not begun.` };
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
