import { BatchAnswer, SubmitBatch } from '../batch.js';
import type { Endpoint } from '../endpoint.js';
import { limits } from '../values.js';

/** The endpoints that take many jobs at once. */
export const batchEndpoints = {
  submitBatch: {
    method: 'post',
    path: '/api/jobs/batch',
    permission: 'job:submit',
    summary: 'Submit up to 100 jobs: each that is valid is taken in, or, with atomic, all or none',
    body: SubmitBatch,
    bodyLimits: {
      bytes: limits.batchBytes,
      // A job stands two levels deeper here than in a request of its own.
      jsonDepth: limits.jsonDepth + 2,
      jsonKeys: limits.batchJsonKeys,
    },
    ok: { status: 200, schema: BatchAnswer },
    examples: {
      body: {
        jobs: [
          { jobName: 'Morning report', jobType: 'recurring', frequency: '30 9 * * MON-FRI' },
          { jobName: 'Evening report', jobType: 'recurring', frequency: 'now and then' },
        ],
      },
      answer: {
        results: [
          { status: 201, jobId: '0198c0de-7a1b-7c3d-8e4f-1234567890ab' },
          {
            status: 422,
            problem: {
              type: 'urn:carillon:problem:validation_failed',
              title: 'The request is not valid',
              status: 422,
              detail: 'frequency: must be a keyword, an interval, a cron expression or a recurrence rule.',
              code: 'validation_failed',
              traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
              errors: [
                { pointer: '/jobs/1/frequency', message: 'must be a keyword, an interval or a cron expression' },
              ],
            },
          },
        ],
      },
    },
  },
} as const satisfies Record<string, Endpoint>;
