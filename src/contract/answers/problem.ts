import { z } from 'zod';
import { ExceededQuota } from '../quotas.js';
import { text } from './fields.js';

const errors = z.array(
  z.object({
    pointer: text('Where in the body: a JSON pointer.', '/frequency').optional(),
    line: z.int().optional().describe('Where in a body of text: the number of a line, from 1 on.'),
    parameter: text('Which parameter of the path or the query.', 'jobId').optional(),
    message: text('What is wrong, for people.', 'must not be empty'),
  }),
);

/** RFC 9457, with JSON pointers to what is wrong. */
export const ProblemAnswer = z
  .object({
    type: text('The code as a URI.', 'urn:carillon:problem:validation_failed'),
    title: text('What the code means.', 'The request is not valid'),
    status: z.int().describe('The HTTP status.'),
    detail: text('What went wrong with this request, for people.', 'frequency: must not be empty.'),
    code: text('What went wrong, for programs: stable.', 'validation_failed'),
    traceId: text('By which the server logged the request.', '4bf92f3577b34da6a3ce929d0e0e4736'),
    quota: ExceededQuota.optional().describe('The quota that stood in the way, of quota_exceeded.'),
    errors: errors.optional().describe('All that is wrong with the request.'),
  })
  .meta({ id: 'Problem' });
