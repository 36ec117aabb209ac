import { z } from 'zod';
import type { HandlerDefinition } from '../handler.js';
import { MINUTE, SECOND } from '../shared/duration.js';
import { headersBy } from '../shared/headers.js';
import { refuse } from '../shared/refuse.js';
import { shapeProblem } from '../shared/shape-problem.js';
import { timeout } from '../shared/timeout.js';
import { headerProblem, MAX_HEADERS } from './header-rules.js';
import { urlProblem } from './url-rules.js';

const MAX_EXPECTED_STATUSES = 20;

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;
/** RFC 9110 section 9.3.1: a body on these has no meaning, and some servers refuse the request. */
const BODILESS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

const url = z.string({ error: 'The URL must be given, as a string.' }).superRefine(refuse(urlProblem));

const EXPECT_STATUS = `expectStatus must be a list of 1 to ${MAX_EXPECTED_STATUSES} statuses, such as [200, 404].`;
const expectStatus = z
  .array(
    z
      .int({ error: 'Each status of expectStatus must be a whole number.' })
      // A 1xx is no answer, only the announcement of one.
      .min(200, { error: 'Each status of expectStatus must be from 200 to 599.' })
      .max(599, { error: 'Each status of expectStatus must be from 200 to 599.' }),
    { error: EXPECT_STATUS },
  )
  .min(1, { error: EXPECT_STATUS })
  .max(MAX_EXPECTED_STATUSES, { error: EXPECT_STATUS });

/** One request. Nothing is transformed, so checking a stored payload again gives the same payload. */
export const httpPayload = z
  .strictObject(
    {
      method: z
        .enum(METHODS, { error: `The method must be one of ${METHODS.join(', ')}.` })
        .optional()
        .describe('POST if a body is given, else GET'),
      url: url.describe('http or https, at most 2,048 characters, without credentials'),
      headers: headersBy({ maxHeaders: MAX_HEADERS, problemOf: headerProblem }).optional(),
      body: z.unknown().optional().describe('A string is sent as it is; any other JSON value is sent as JSON'),
      timeout: timeout
        .optional()
        .describe('For the whole exchange, redirects included: PT30S if not given, at most PT1H'),
      expectStatus: expectStatus
        .optional()
        .describe('The statuses that are success, in place of 2xx; a redirect listed here is not followed'),
    },
    { error: shapeProblem('The payload of an http job must be an object with a url.', 'An http job has') },
  )
  .superRefine((payload, context) => {
    if (payload.body === undefined || !payload.method || !BODILESS.has(payload.method)) return;
    context.addIssue({ code: 'custom', path: ['body'], message: `A ${payload.method} request takes no body.` });
  });

export type HttpPayload = z.infer<typeof httpPayload>;

/** Calls a URL. */
export const httpDefinition: HandlerDefinition<HttpPayload> = {
  name: 'http',
  description:
    'Sends an HTTP request; a 2xx answer is success, or a status it expects. The answer, up to 64 KiB, is the result.',
  payloadSchema: httpPayload,
  defaults: {
    timeoutMs: 60 * SECOND,
    retry: { maxAttempts: 3, initialIntervalMs: SECOND, backoffCoefficient: 2, maxIntervalMs: 5 * MINUTE },
  },
};
