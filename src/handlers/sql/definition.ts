import { z } from 'zod';
import type { HandlerDefinition } from '../handler.js';
import { MINUTE, SECOND } from '../shared/duration.js';
import { shapeProblem } from '../shared/shape-problem.js';
import { KIB } from '../shared/size.js';
import { timeout } from '../shared/timeout.js';

const MAX_STATEMENT_BYTES = 32 * KIB;
const MAX_PARAMETERS = 100;
const MAX_ROWS = 1_000;
const MAX_NAME_LENGTH = 63;

const statement = z
  .string({ error: 'The statement must be given, as a string.' })
  .refine((text) => text.trim() !== '', { error: 'The statement must not be empty.' })
  .refine((text) => Buffer.byteLength(text) <= MAX_STATEMENT_BYTES, {
    error: 'The statement must be at most 32 KiB of UTF-8.',
  })
  // The protocol ends a statement at a NUL; what follows would be read as something else.
  .refine((text) => !text.includes('\0'), { error: 'The statement must hold no NUL character.' });

const rowLimitError = `The field maxRows must be a whole number from 1 to ${MAX_ROWS}.`;

/** One statement. Nothing is transformed, so checking a stored payload again gives the same payload. */
const sqlPayload = z.strictObject(
  {
    connection: z
      .string({ error: 'The connection must be given: the name of one of the connections of the project.' })
      .min(1, { error: 'The connection must not be empty.' })
      .max(MAX_NAME_LENGTH, { error: `The connection must have at most ${MAX_NAME_LENGTH} characters.` })
      .describe("A name from the operator's file of connections"),
    statement: statement.describe('One statement, at most 32 KiB, with $1, $2 and so on for the parameters'),
    parameters: z
      .array(z.unknown(), { error: 'The parameters must be a list.' })
      .max(MAX_PARAMETERS, { error: `At most ${MAX_PARAMETERS} parameters can be given.` })
      .optional()
      .describe('A list becomes a Postgres array, an object becomes JSON'),
    maxRows: z
      .int({ error: rowLimitError })
      .min(1, { error: rowLimitError })
      .max(MAX_ROWS, { error: rowLimitError })
      .optional()
      .describe('How many rows the result keeps: 100 if not given'),
    readOnly: z
      .literal(true, { error: 'The field readOnly can only be true; leave it out to let the connection decide.' })
      .optional()
      .describe('Runs the statement in a read-only transaction'),
    timeout: timeout.optional().describe('For everything, the wait for a connection included: PT30S if not given'),
  },
  {
    error: shapeProblem(
      'The payload of a sql job must be an object with a connection and a statement.',
      'A sql job has',
    ),
  },
);

export type SqlPayload = z.infer<typeof sqlPayload>;

/** Runs a statement on a database. */
export const sqlDefinition: HandlerDefinition<SqlPayload> = {
  name: 'sql',
  description: 'Runs one parameterised statement on a PostgreSQL database, in a transaction. Its rows are the result.',
  payloadSchema: sqlPayload,
  privileged: true,
  defaults: {
    timeoutMs: MINUTE,
    retry: { maxAttempts: 3, initialIntervalMs: SECOND, backoffCoefficient: 2, maxIntervalMs: 5 * MINUTE },
  },
};
