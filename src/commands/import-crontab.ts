import { httpRequestOf, readCrontab, type CrontabEntry, type CrontabProblem } from '../crontab/index.js';
import type { ImportQuery } from '../contract/import.js';
import { limits } from '../contract/values.js';
import type { SubmitJob } from '../contract/messages.js';
import { AppError, type Problem } from '../domain/errors.js';
import { describeLength, describeSchedule } from '../schedule/index.js';
import { insertJobs, type NewJob } from '../store/new-jobs.js';
import { newJobsNotes } from './audit.js';
import type { Caller, CommandPorts } from './ports.js';
import { scheduleOf } from './schedule-of.js';
import { newJob } from './submit-job.js';
import { handlerNamed, refuse, validationFailed } from './validate.js';
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
  if (imported.lines.length + imported.problems.length === 0) throw validationFailed([{ message: NO_JOB }]);
  if (options.dryRun) return imported;
  refuseAny(imported.problems);
  const jobs = imported.lines.map(({ job }) => job);
  // One statement, so that a crontab is never imported by half.
  ports.audit?.note(newJobsNotes(jobs));
  await ports.db.transaction((tx) => insertJobs(tx, jobs));
  ports.onCommitted();
  return imported;
}

/** What is wrong for every line is told once, by the parameter that says it. */
function refuseParameters(ports: CommandPorts, { handler, timezone }: ImportQuery): void {
  const definition = handler === undefined ? undefined : handlerNamed(ports, handler);
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
  const { line, expression, timezone } = entry;
  const work = workOf(entry, options.handler, ports.definitions.has('command'));
  if (work === null) return { line, text: written, message: NEEDS_A_HANDLER };
  const submitted: SubmitJob = {
    jobName: nameOf(entry, work),
    jobType: 'recurring',
    frequency: expression,
    timezone,
    tags: ['crontab'],
    ...work,
  };
  try {
    const job = await newJob(ports, ports.db, caller, submitted);
    return { line, job, understoodAs: describeSchedule(scheduleOf(job)), notes: notesOf(entry, job) };
  } catch (error) {
    if (error instanceof AppError) return { line, text: written, message: error.message };
    throw error;
  }
}

/**
 * The comment above a line; else the program or the place that is called. Not the whole command: it may hold secrets, and
 * a job's name is shown to all who may see the job.
 */
function nameOf({ name, command, line }: CrontabEntry, { payload }: Work): string {
  if (!command.startsWith(name)) return name;
  const url = payload.url === undefined ? undefined : new URL(payload.url);
  return url
    ? `${payload.method ?? 'GET'} ${url.host}${url.pathname}`.slice(0, limits.nameLength)
    : `${name.split(/\s/, 1)[0]} (line ${line})`;
}

const CRONS_OWN: ReadonlySet<string> = new Set(['SHELL', 'MAILTO']);

/** What is otherwise than under cron: a job has neither a machine's user nor its environment, and is bounded. */
function notesOf({ user, environment }: CrontabEntry, job: NewJob): string[] {
  const variables = Object.keys(environment).filter((name) => job.handler !== COMMAND || CRONS_OWN.has(name));
  return [
    ...(user === undefined ? [] : [`It ran as ${user} there; a job runs as its worker does.`]),
    ...(variables.length === 0 ? [] : [`These settings are not taken over: ${variables.join(', ')}.`]),
    ...(job.handler === 'log' ? ['The handler log runs nothing: it writes the command to the log of each run.'] : []),
    `An attempt may take ${describeLength(job.timeoutMs)}, a failed one is tried again up to ${job.retry.maxAttempts} attempts, and a run that has not ended lets the next one be skipped.`,
  ];
}

/** What a line has done, and by which handler. */
interface Work {
  handler: string;
  payload: { command?: string; shell?: string; stdin?: string; environment?: object; url?: string; method?: string };
  /** How long an attempt may take, in milliseconds, where the line says so. */
  timeout?: number;
}

/**
 * The handler that was named, or `http` for a plain call of a URL, or `command` where that is allowed; null: nothing here
 * does the work.
 */
function workOf(entry: CrontabEntry, handler: string | undefined, mayCommand: boolean): Work | null {
  const { command, stdin } = entry;
  if (handler === COMMAND) return commandOf(entry);
  if (handler !== undefined) return { handler, payload: { command, ...(stdin === undefined ? {} : { stdin }) } };
  const request = stdin === undefined ? httpRequestOf(command) : null;
  if (request === null) return mayCommand ? commandOf(entry) : null;
  const [, seconds] = /^PT(\d+)S$/.exec(request.timeout ?? '') ?? [];
  // The attempt must not end before the request may.
  return {
    handler: 'http',
    payload: request,
    ...(seconds === undefined ? {} : { timeout: (Number(seconds) + 1) * 1_000 }),
  };
}

const COMMAND = 'command';

/** What cron would hand to the shell, with the settings above the line; SHELL and MAILTO are cron's own. */
function commandOf({ command, stdin, environment }: CrontabEntry): Work {
  const { SHELL: _shell, MAILTO: _mailto, ...variables } = environment;
  return {
    handler: COMMAND,
    payload: {
      shell: command,
      ...(stdin === undefined ? {} : { stdin }),
      ...(Object.keys(variables).length === 0 ? {} : { environment: variables }),
    },
  };
}

const NEEDS_A_HANDLER =
  'The command is no plain call of a URL by curl or wget, and no handler here runs commands: allow the handler command (CARILLON_ALLOW), or name one that is to get {command, stdin?}, by the parameter handler.';

function refuseAny(problems: readonly CrontabProblem[]): void {
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
}

const NO_JOB = 'The crontab names no job. (If it has several lines: curl -d joins them, --data-binary does not.)';
