import { cancelRun, explainWaitingRun, redriveRuns, stopRedrives } from '../../commands/index.js';
import { AppError } from '../../domain/errors.js';
import { jobExists } from '../../store/job-reads.js';
import { listLogs } from '../../store/log-reads.js';
import { listProjectRuns } from '../../store/project-runs.js';
import { listRuns, readPastAttempts, readRunRecord } from '../../store/run-reads.js';
import type { Routes } from '../calls.js';
import { cursorOf, pageOf } from '../cursors.js';
import { payloadReader } from '../payload-reader.js';
import { logPosition, runPosition } from '../positions.js';
import { atOrNone, logLine, optional } from '../present.js';
import { projectRun, runAnswer, wholeRun } from '../present-run.js';
import { refusal } from '../validation.js';
import { noSuchJob } from './jobs.js';

const runCursor = cursorOf('runs', runPosition);
const projectRunCursor = cursorOf('runs of all jobs', runPosition);
const logCursor = cursorOf('logs', logPosition);

export const runRoutes: Routes<
  'listRuns' | 'listProjectRuns' | 'getRun' | 'listLogs' | 'cancelRun' | 'redriveRuns' | 'stopRedrives'
> = {
  async listRuns({ ports, caller, principal, params, query }) {
    const { db } = ports.commands;
    const { page, limit, cursor, ...filter } = query;
    refuseEmptyStretch(filter);
    const of = { projectId: caller.projectId, jobId: params.jobId };
    const slice = await listRuns(db, of, filter, pageOf({ page, limit, cursor }, runCursor));
    if (slice.items.length === 0 && !(await jobExists(db, of.projectId, of.jobId))) throw noSuchJob(of.jobId);
    const reader = payloadReader(ports, principal);
    return {
      body: slice.items.map((run) => runAnswer(run, reader)),
      next: slice.next ? runCursor.write(slice.next) : undefined,
    };
  },

  async listProjectRuns({ ports, caller, principal, query }) {
    const { page, limit, cursor, ...filter } = query;
    refuseEmptyStretch(filter);
    const at = pageOf({ page, limit, cursor }, projectRunCursor);
    const slice = await listProjectRuns(ports.commands.db, caller.projectId, filter, at);
    const reader = payloadReader(ports, principal);
    return {
      body: slice.items.map((run) => projectRun(run, reader)),
      next: slice.next ? projectRunCursor.write(slice.next) : undefined,
    };
  },

  async getRun({ ports, caller, principal, params }) {
    const { db } = ports.commands;
    const run = await readRunRecord(db, { projectId: caller.projectId, ...params });
    if (run) {
      const past = run.attempts > 0 ? await readPastAttempts(db, run.id) : [];
      const waiting = await explainWaitingRun(ports.commands, caller.projectId, run);
      return { body: wholeRun(run, { past, waiting }, payloadReader(ports, principal)) };
    }
    if (!(await jobExists(db, caller.projectId, params.jobId))) throw noSuchJob(params.jobId);
    throw new AppError('run_not_found', `The job has no run ${params.runId}.`);
  },

  async cancelRun({ ports, caller, params, body }) {
    const { jobId, runId } = params;
    await cancelRun(ports.commands, caller, jobId, runId, body);
    return { body: { jobId, runId, status: 'cancelling' } };
  },

  async redriveRuns({ ports, caller, body }) {
    const { count, notRetryable, until } = await redriveRuns(ports.commands, caller, body);
    const { dryRun, perMinute } = body;
    return { body: { count, notRetryable, dryRun, perMinute, ...optional('until', atOrNone(until)) } };
  },

  async stopRedrives({ ports, caller }) {
    return { body: { count: await stopRedrives(ports.commands, caller) } };
  },

  async listLogs({ ports, caller, params, query }) {
    const { db } = ports.commands;
    const { limit, cursor, ...filter } = query;
    const of = { projectId: caller.projectId, jobId: params.jobId };
    const slice = await listLogs(db, of, filter, { limit, after: logCursor.read(cursor) });
    if (slice.items.length === 0 && !(await jobExists(db, of.projectId, of.jobId))) throw noSuchJob(of.jobId);
    return {
      body: { jobId: params.jobId, logs: slice.items.map(logLine) },
      next: slice.next === null ? undefined : logCursor.write(slice.next),
    };
  },
};

function refuseEmptyStretch({ from, to }: { from?: number | undefined; to?: number | undefined }): void {
  if (from !== undefined && to !== undefined && to <= from) {
    throw refusal([{ parameter: 'to', message: 'must be later than from' }]);
  }
}
