import { backfillJob, explainJob, importCrontab, previewSchedule, retryRun } from '../../commands/index.js';
import type { Routes } from '../calls.js';
import { explanationAnswer, importedJob, previewedFire } from '../present-schedule.js';
import { payloadReader } from '../payload-reader.js';

export const scheduleRoutes: Routes<'previewSchedule' | 'backfillJob' | 'retryRun' | 'explainJob' | 'importJobs'> = {
  async previewSchedule({ ports, caller, body }) {
    const { understoodAs, fires } = await previewSchedule(ports.commands, caller, body);
    return { body: { understoodAs, fires: fires.map(previewedFire) } };
  },

  async backfillJob({ ports, caller, params, body }) {
    const { count, alreadyRan } = await backfillJob(ports.commands, caller, params.jobId, body);
    return { body: { jobId: params.jobId, count, alreadyRan, dryRun: body.dryRun } };
  },

  async retryRun({ ports, caller, params }) {
    const { jobId } = params;
    const { runId } = await retryRun(ports.commands, caller, jobId, params.runId);
    return { body: { jobId, runId, status: 'triggered' }, location: `/api/jobs/${jobId}/runs/${runId}` };
  },

  async explainJob({ ports, caller, principal, params, query }) {
    const explanation = await explainJob(ports.commands, caller, params.jobId, query.at);
    return { body: explanationAnswer(params.jobId, explanation, payloadReader(ports, principal)) };
  },

  async importJobs({ ports, caller, principal, query, body }) {
    const { lines, problems } = await importCrontab(ports.commands, caller, body, query);
    if (!query.dryRun) ports.metrics.jobsSubmitted.inc(lines.length);
    const how = { isDryRun: query.dryRun, reader: payloadReader(ports, principal) };
    return { body: { dryRun: query.dryRun, jobs: lines.map((line) => importedJob(line, how)), problems } };
  },
};
