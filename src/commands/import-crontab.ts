import { httpRequestOf, readCrontab, type CrontabEntry, type CrontabProblem } from '../crontab/index.js';
import type { ImportQuery } from '../contract/import.js';
import type { SubmitJob } from '../contract/messages.js';
import { AppError, type Problem } from '../domain/errors.js';
import { describeSchedule } from '../schedule/index.js';
import { insertJobs, type NewJob } from '../store/jobs.js';
import type { Caller, CommandPorts } from './ports.js';
import { scheduleOf } from './schedule-of.js';
import { newJob } from './submit-job.js';
import { handlerNamed, refuse } from './validate.js';
import { understand } from './when.js';

/** A line of a crontab as the job that it becomes. */
export interface ImportedLine {
  line: number;
  job: NewJob;
  understoodAs: string;
  /** What of the line is not taken over. */
  notes: string[];
}

export interface Import {
  lines: ImportedLine[];
  problems: CrontabProblem[];
}

/** Takes each line of a crontab in as a job: all of them, or none. A dry run tells what would be taken, and what not. */
export async function importCrontab(
  ports: CommandPorts,
  caller: Caller,
  text: string,
  options: ImportQuery,
): Promise<Import> {
  const { format, timezone } = options;
  refuseParameters(ports, options);
  const crontab = readCrontab(text, { format, ...(timezone === undefined ? {} : { timezone }) });
  const lines = text.split(/\r?\n/);
  const imported: Import = { lines: [], problems: [...crontab.problems] };
  for (const entry of crontab.entries) {
    const made = await jobOf(ports, caller, entry, { ...options, written: lines[entry.line - 1] ?? '' });
    if ('message' in made) imported.problems.push(made);
    else imported.lines.push(made);
  }
  imported.problems.sort((a, b) => a.line - b.line);
  if (options.dryRun) return imported;
  refuseAny(imported);
  // One statement, so that a crontab is never imported by half.
  await insertJobs(
    ports.db,
    imported.lines.map(({ job }) => job),
  );
  ports.onCommitted();
  return imported;
}

/** What is wrong for every line is told once, by the parameter that says it. */
function refuseParameters({ definitions }: CommandPorts, { handler, timezone }: ImportQuery): void {
  const definition = handler === undefined ? undefined : handlerNamed(definitions, handler);
  const { problems } = understand({ jobType: 'recurring', frequency: 'daily', timezone }, 0);
  refuse([
    ...(definition && 'message' in definition ? [{ parameter: 'handler', message: definition.message }] : []),
    ...problems.map(({ message }) => ({ parameter: 'timezone', message })),
  ]);
}

async function jobOf(
  ports: CommandPorts,
  caller: Caller,
  entry: CrontabEntry,
  { written, ...options }: ImportQuery & { written: string },
): Promise<ImportedLine | CrontabProblem> {
  const { line, expression, timezone, name } = entry;
  const work = workOf(entry, options.handler);
  if (work === null) return { line, text: written, message: NEEDS_A_HANDLER };
  const submitted: SubmitJob = {
    jobName: name,
    jobType: 'recurring',
    frequency: expression,
    timezone,
    tags: ['crontab'],
    ...work,
  };
  try {
    const job = await newJob(ports, ports.db, caller, submitted);
    return { line, job, understoodAs: describeSchedule(scheduleOf(job)), notes: notesOf(entry) };
  } catch (error) {
    if (error instanceof AppError) return { line, text: written, message: error.message };
    throw error;
  }
}

/** A job has neither a machine's user nor its environment. */
function notesOf({ user, environment }: CrontabEntry): string[] {
  const variables = Object.keys(environment);
  return [
    ...(user === undefined ? [] : [`It ran as ${user} there; a job runs as its worker does.`]),
    ...(variables.length === 0 ? [] : [`These settings are not taken over: ${variables.join(', ')}.`]),
  ];
}

/** What does the work of a line: the handler that was named, or `http` for a plain call of a URL; null: nothing here. */
function workOf(entry: CrontabEntry, handler: string | undefined): Pick<SubmitJob, 'handler' | 'payload'> | null {
  const { command, stdin } = entry;
  if (handler !== undefined) return { handler, payload: { command, ...(stdin === undefined ? {} : { stdin }) } };
  const request = stdin === undefined ? httpRequestOf(command) : null;
  return request && { handler: 'http', payload: request };
}

const NEEDS_A_HANDLER =
  'The command is no plain call of a URL: name the handler that is to get it, by the parameter handler.';

function refuseAny({ lines: taken, problems }: Import): void {
  if (problems.length > 0) {
    const told: Problem[] = problems.map(({ line, message }) => ({ line, message }));
    const [first] = problems;
    const lines = problems.length === 1 ? '1 line' : `${problems.length} lines`;
    throw new AppError(
      'validation_failed',
      `${lines} cannot be taken, so nothing was imported; line ${first?.line}: ${first?.message}`,
      { problems: told },
    );
  }
  if (taken.length === 0) throw new AppError('validation_failed', 'The crontab names no job.');
}
