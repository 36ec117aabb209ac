/** The audit trail. */
import { z } from 'zod';
import { auditOutcomes, auditTargets } from '../domain/audit.js';
import { at, id, text } from './answers/fields.js';
import { cursor, instantInQuery, limit, oneOf, words } from './queries.js';

export const auditFormats = ['json', 'ndjson', 'csv'] as const;

export const ListAuditQuery = z.strictObject({
  from: instantInQuery.describe('Entries of this instant or later.').optional(),
  to: instantInQuery.describe('Entries before this instant.').optional(),
  actor: words('actor', 64)
    .describe('Entries of this principal.')
    .meta({ examples: ['k3m5n7p2q4r6s2t4'] })
    .optional(),
  action: words('action', 64)
    .describe('Entries of this call, by its operationId; or of signIn, signOut.')
    .meta({ examples: ['updateJob'] })
    .optional(),
  target: words('target', 200)
    .describe('Entries about this: the id of a job, run, key, member or project, or the name of a calendar.')
    .meta({ examples: ['0198c0de-7a1b-7c3d-8e4f-000000000001'] })
    .optional(),
  outcome: oneOf('outcome', auditOutcomes).describe('What was done, or what was refused.').optional(),
  format: oneOf('format', auditFormats)
    .default('json')
    .describe(
      'json: a page. ndjson (an entry a line), csv: all of the filter, as a stream; limit and cursor do not matter.',
    ),
  limit,
  cursor,
});

const fields = (what: string) =>
  z
    .record(z.string(), z.unknown())
    .describe(`${what} Of payloads, secrets and long values only that they changed: \`"changed"\`.`)
    .optional();

export const AuditEntry = z
  .object({
    at: at('When.'),
    actor: text('The principal; left out: nobody was let in.', 'k3m5n7p2q4r6s2t4').optional(),
    action: text('The call, by its operationId; or signIn, signOut.', 'updateJob'),
    target: z
      .object({
        kind: z.enum(auditTargets).describe('What it is.'),
        id: text('Its id; the name of a calendar.', '0198c0de-7a1b-7c3d-8e4f-000000000001'),
      })
      .describe('What the call was about.')
      .optional(),
    outcome: z.enum(auditOutcomes).describe('Whether it was done or refused.'),
    code: text('Why it was refused: the code of the problem.', 'forbidden').optional(),
    address: text('Where the request came from.', '203.0.113.7'),
    requestId: text('The id of the request, as in X-Request-Id and the log.', 'req-4711'),
    before: fields('The fields that changed, as they were.'),
    after: fields('The fields that changed, as they are since.'),
    suppressed: z
      .int()
      .describe('How many refusals of this address or principal before this one were too many to keep.')
      .optional(),
    projectId: id('The project that it is in; left out: none.').optional(),
    seq: z.int().describe('Its place in the chain of the project, from 1 on; left out: not sealed yet.').optional(),
    hash: text('SHA-256 of the entry and of all before it, in hexadecimal.', 'a3f0'.repeat(16)).optional(),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.output<typeof AuditEntry>;
