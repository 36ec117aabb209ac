import { cancelJob, explainWaitingJob, previewUpdate, submitJob, updateJob } from '../../commands/index.js';
import { jobSorts, type JobSort } from '../../contract/queries.js';
import { AppError } from '../../domain/errors.js';
import { listJobs, type JobOrder } from '../../store/job-list.js';
import { readJob, readJobStanding } from '../../store/job-reads.js';
import type { Routes } from '../calls.js';
import { cursorOf, pageOf } from '../cursors.js';
import { jobPosition } from '../positions.js';
import { changePreview } from '../present-schedule.js';
import { payloadReader } from '../payload-reader.js';
import { jobAnswer, jobSummary, standingAnswer } from '../present.js';

const cursors = Object.fromEntries(
  jobSorts.map((sort) => [sort, cursorOf(`jobs ${sort}`, jobPosition(orderOf(sort).by))]),
);

export const jobRoutes: Routes<'submitJob' | 'getJobStatus' | 'getJob' | 'listJobs' | 'updateJob' | 'cancelJob'> = {
  async submitJob({ ports, caller, body }) {
    const { jobId } = await submitJob(ports.commands, caller, body);
    ports.metrics.jobsSubmitted.inc();
    return { body: { jobId, status: 'submitted' }, location: `/api/jobs/${jobId}` };
  },

  async getJobStatus({ ports, caller, params }) {
    const standing = await readJobStanding(ports.commands.db, caller.projectId, params.jobId);
    if (!standing) throw noSuchJob(params.jobId);
    const waiting = await explainWaitingJob(ports.commands, caller.projectId, standing);
    return { body: standingAnswer(standing, waiting) };
  },

  async getJob({ ports, caller, principal, params }) {
    const found = await readJob(ports.commands.db, caller.projectId, params.jobId);
    if (!found) throw noSuchJob(params.jobId);
    const waiting = await explainWaitingJob(ports.commands, caller.projectId, found.job);
    return {
      body: jobAnswer(found, waiting, payloadReader(ports, principal)),
      generation: found.job.generation,
    };
  },

  async listJobs({ ports, caller, query }) {
    const { q, sort, page, limit, cursor, ...filter } = query;
    const cursorOfSort = cursors[sort] ?? cursorOf('', jobPosition('createdAt'));
    const slice = await listJobs(
      ports.commands.db,
      caller.projectId,
      { ...filter, nameContains: q },
      orderOf(sort),
      pageOf({ page, limit, cursor }, cursorOfSort),
    );
    return { body: slice.items.map(jobSummary), next: slice.next ? cursorOfSort.write(slice.next) : undefined };
  },

  async updateJob({ ports, caller, params, query, body, ifMatch }) {
    if (query.preview) {
      const preview = await previewUpdate(ports.commands, caller, params.jobId, body, ifMatch);
      return { body: changePreview(params.jobId, preview) };
    }
    await updateJob(ports.commands, caller, params.jobId, body, ifMatch);
    return { body: { jobId: params.jobId, status: 'updated' } };
  },

  async cancelJob({ ports, caller, params, ifMatch }) {
    await cancelJob(ports.commands, caller, params.jobId, ifMatch);
    return { body: { jobId: params.jobId, status: 'cancelled' } };
  },
};

export function noSuchJob(jobId: string): AppError {
  return new AppError('job_not_found', `There is no job ${jobId}.`);
}

function orderOf(sort: JobSort): JobOrder {
  const descending = sort.startsWith('-');
  return { by: (descending ? sort.slice(1) : sort) as JobOrder['by'], descending };
}
