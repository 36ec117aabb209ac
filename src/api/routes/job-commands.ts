import { pauseJob, resumeJob, triggerJob } from '../../commands/index.js';
import { AppError } from '../../domain/errors.js';
import { may } from '../../domain/permissions.js';
import type { Routes } from '../calls.js';

export const jobCommandRoutes: Routes<'pauseJob' | 'resumeJob' | 'runJobNow'> = {
  async pauseJob({ ports, caller, params, body }) {
    await pauseJob(ports.commands, caller, params.jobId, body);
    return { body: { jobId: params.jobId, status: 'paused' } };
  },

  async resumeJob({ ports, caller, params, body }) {
    const { fires, caughtUp } = await resumeJob(ports.commands, caller, params.jobId, body);
    return { body: { jobId: params.jobId, status: 'resumed', fires, caughtUp } };
  },

  async runJobNow({ ports, caller, principal, params, body }) {
    // A payload of its own is as good as a job of its own.
    if (body.payload !== undefined && !may(principal.role, 'job:submit')) {
      throw new AppError('forbidden', 'A run with a payload of its own needs the permission job:submit.');
    }
    const { runId } = await triggerJob(ports.commands, caller, params.jobId, body);
    const { jobId } = params;
    return { body: { jobId, runId, status: 'triggered' }, location: `/api/jobs/${jobId}/runs/${runId}` };
  },
};
