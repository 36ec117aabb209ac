import { inBatch, submitBatch } from '../../commands/index.js';
import { SubmitJob } from '../../contract/messages.js';
import { AppError, errorCodes } from '../../domain/errors.js';
import type { Routes } from '../calls.js';
import { problemOf } from '../send.js';
import { checkBody } from '../validation.js';

export const batchRoutes: Routes<'submitBatch'> = {
  async submitBatch({ ports, caller, body, traceId }) {
    const items = body.jobs.map((job) => checkBody(SubmitJob, job));
    const results = await submitBatch(ports.commands, caller, items, { atomic: body.atomic });
    ports.metrics.jobsSubmitted.inc(results.filter((one) => !(one instanceof AppError)).length);
    return {
      body: {
        results: results.map((one, index) =>
          one instanceof AppError
            ? { status: errorCodes[one.code].status, problem: problemOf(inBatch(one, index), traceId) }
            : { status: 201 as const, jobId: one.jobId },
        ),
      },
    };
  },
};
