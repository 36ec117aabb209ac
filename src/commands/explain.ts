import type { ExplainAnswer } from '../contract/answers.js';
import { isChained } from '../domain/after.js';
import { AppError } from '../domain/errors.js';
import type { Fire } from '../domain/job.js';
import { isFinal } from '../domain/status.js';
import {
  describeSchedule,
  isExcluded,
  lastFire,
  localText,
  lowerFirst,
  nextFire,
  notesOf,
  type Schedule,
} from '../schedule/index.js';
import type { JobRecord } from '../store/job-record.js';
import { readJob, type JobRead } from '../store/job-reads.js';
import { readNewestRetry } from '../store/retries.js';
import { listRuns, readRunBetween, readRunOfFire, type RunRecord } from '../store/run-reads.js';
import { describeChain } from './after.js';
import { explainEnd, explainWithoutRow, fireMeant, lastOfMinute } from './explain-fire.js';
import { explainRow } from './explain-row.js';
import type { Caller, CommandPorts } from './ports.js';
import { scheduleOf } from './schedule-of.js';
import { explainWaitingFire, explainWaitingRun, type Waiting } from './why-waiting.js';
import { refuse, tooFarAhead } from './validate.js';

/** Instants are epoch milliseconds. */
export interface Explanation {
  code: ExplainAnswer['code'];
  sentence: string;
  /** What is explained: the instant that was asked for, or that of the fire or run that is due, next or last. */
  at: number;
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

type ReadPorts = Pick<CommandPorts, 'db' | 'clock'>;
type Answer = Pick<Explanation, 'code' | 'sentence' | 'waiting'>;

/**
 * Why did it (not) run at `at`? From the ledger, and where that has no row from the schedule and how the job stands. Without
 * an instant: why does what is due not run, or what comes next; where nothing comes, how the last run or the job ended.
 */
export async function explainJob(
  ports: ReadPorts,
  caller: Caller,
  jobId: string,
  at: number | undefined,
): Promise<Explanation> {
  const found = await readJob(ports.db, caller.projectId, jobId);
  if (!found) throw new AppError('job_not_found', `There is no job ${jobId}.`);
  const { job } = found;
  const now = Math.floor(ports.clock.now());
  if (at !== undefined) {
    refuse(tooFarAhead({ parameter: 'at' }, at, now));
    return explainInstant(ports, found, at, now);
  }
  if (job.next !== null && !isFinal(job.status)) return explainInstant(ports, found, job.next.fireAt, now);
  return explainLast(ports, found, now);
}

async function explainInstant(ports: ReadPorts, found: JobRead, at: number, now: number): Promise<Explanation> {
  const { job, endReason } = found;
  const schedule = scheduleOf(job);
  const meant = fireMeant(job, schedule, at);
  const fireAt = meant?.fireAt ?? at;
  const run = await runMeant(ports, job, schedule, { at, fire: meant });
  // A row of many excluded fires names no day, which the calendars of today can do if they still exclude it.
  const isOfManyDays = run?.outcome === 'skipped_excluded' && run.fireCount > 1 && isExcluded(schedule, fireAt);
  const answer =
    run && !isOfManyDays
      ? await explainRun(ports, job, run)
      : await withWhy(ports, job, fireAt, explainWithoutRow(job, schedule, { at, fire: meant, now, endReason }));
  return { ...answer, ...around(job, schedule, { at, fire: meant, run }) };
}

/** Of a job to which nothing is to come: its newest run, and that it has ended if it has. */
async function explainLast(ports: ReadPorts, { job, endReason }: JobRead, now: number): Promise<Explanation> {
  const schedule = scheduleOf(job);
  const of = { projectId: job.projectId, jobId: job.id };
  const [run] = (await listRuns(ports.db, of, {}, { limit: 1, offset: 0 })).items;
  const at = run?.scheduledFor ?? (isFinal(job.status) ? job.updatedAt : now);
  const last = run && (await explainRun(ports, job, run));
  const end = isFinal(job.status) ? explainEnd(job, endReason) : null;
  const ofLast = last && run ? ` The last run, of ${localText(at, job.timezone)}: ${lowerFirst(last.sentence)}` : '';
  const answer = end
    ? { code: end.code, sentence: end.sentence + ofLast, waiting: null }
    : (last ?? { ...explainWithoutRow(job, schedule, { at, fire: null, now, endReason }), waiting: null });
  return { ...answer, ...around(job, schedule, { at, fire: null, run }) };
}

/** What is told beside the answer itself. */
function around(
  job: JobRecord,
  schedule: Schedule,
  { at, fire, run }: { at: number; fire: Fire | null; run: RunRecord | undefined },
): Omit<Explanation, keyof Answer> {
  const fireAt = fire?.fireAt ?? at;
  return {
    at,
    understoodAs: job.after && isChained(job) ? describeChain(job.after) : describeSchedule(schedule, job.maxRuns),
    notes: fire ? notesOf(schedule, fire.fireAt) : [],
    fire: fire ?? (run ? { fireAt: run.scheduledFor, runAt: run.effectiveAt ?? run.scheduledFor } : null),
    run: run ?? null,
    before: lastFire(schedule, -Infinity, fireAt - 1),
    after: nextFire(schedule, fireAt),
    timeZone: schedule.timeZone,
  };
}

async function explainRun(ports: ReadPorts, job: JobRecord, run: RunRecord): Promise<Answer> {
  const { code, sentence } = explainRow(run);
  const waiting = await explainWaitingRun(ports, job.projectId, run);
  const why = waiting && code !== 'under_way' ? ` ${waiting.sentence}` : '';
  return { code, sentence: sentence + why + (await doneAgain(ports, job, run)), waiting };
}

/** Adds what an overdue fire waits for. */
async function withWhy(
  ports: ReadPorts,
  job: JobRecord,
  fireAt: number,
  { code, sentence }: Omit<Answer, 'waiting'>,
): Promise<Answer> {
  if (code !== 'overdue') return { code, sentence, waiting: null };
  const waiting = await explainWaitingFire(ports, { projectId: job.projectId, jobId: job.id, fireAt });
  if (waiting?.code === 'behind') return { code: 'overlapping', sentence: waiting.sentence, waiting };
  return { code, sentence: waiting ? `${sentence} ${waiting.sentence}` : sentence, waiting };
}

/** That a run which did not complete was done again, and how that ended. */
async function doneAgain({ db }: Pick<CommandPorts, 'db'>, job: JobRecord, run: RunRecord): Promise<string> {
  if (run.outcome === 'completed') return '';
  const retry = await readNewestRetry(db, job.id, run);
  return retry ? ` It was done again by the run ${retry.id}, which is ${retry.outcome}.` : '';
}

/**
 * The row that tells of a fire. Where there is no fire, or one that is settled and has no row: the run that is in the ledger at
 * that instant, because somebody asked for it, other jobs ended theirs, or the schedule was another one.
 */
async function runMeant(
  { db }: Pick<CommandPorts, 'db'>,
  job: JobRecord,
  schedule: Schedule,
  { at, fire }: { at: number; fire: Fire | null },
): Promise<RunRecord | undefined> {
  const run = await readRunOfFire(db, job.id, fire?.fireAt ?? at, summaryOf(schedule, fire));
  const isToCome = fire !== null && fire.fireAt > job.settledUntil;
  return run || isToCome ? run : readRunBetween(db, job.id, at, lastOfMinute(at));
}

/** Which summary rows may tell of a fire: none of an instant that is no fire, and excluded fires have their own. */
function summaryOf(schedule: Schedule, fire: Fire | null): 'none' | 'excluded' | 'other' {
  if (fire === null) return 'none';
  return isExcluded(schedule, fire.fireAt) ? 'excluded' : 'other';
}
