import { z } from 'zod';
import type { HandlerDefinition } from '../handler.js';
import { MINUTE, SECOND } from '../shared/duration.js';
import { headersBy } from '../shared/headers.js';
import { refuse } from '../shared/refuse.js';
import { shapeProblem } from '../shared/shape-problem.js';
import { KIB } from '../shared/size.js';
import { parseMailbox } from './address.js';
import { breaksLine } from './characters.js';
import { headerProblem, MAX_HEADERS, MAX_LINE_LENGTH } from './header-rules.js';

const MAX_ADDRESSES = 50;
const MAX_BODY_BYTES = 48 * KIB;

/** Adds the sentence about a text that is no single address. */
function checkAddress(text: string, path: (string | number)[], context: z.RefinementCtx): void {
  const mailbox = parseMailbox(text);
  if (typeof mailbox === 'string') context.addIssue({ code: 'custom', message: mailbox, path });
}

const addresses = (field: string) => {
  const error = `The field ${field} must be an address or a list of 1 to ${MAX_ADDRESSES} addresses, as strings.`;
  return z
    .union([z.string(), z.array(z.string()).min(1, { error }).max(MAX_ADDRESSES, { error })], { error })
    .superRefine((given, context) => {
      if (typeof given === 'string') checkAddress(given, [], context);
      else given.forEach((text, index) => checkAddress(text, [index], context));
    });
};

const subject = z.string({ error: 'The subject must be given, as a string.' }).superRefine(refuse(subjectProblem));

function subjectProblem(text: string): string | undefined {
  if (text.trim() === '') return 'The subject must not be empty.';
  if (text.length > MAX_LINE_LENGTH) return `The subject must have at most ${MAX_LINE_LENGTH} characters.`;
  return breaksLine(text) ? 'The subject must hold no line breaks or control characters.' : undefined;
}

const body = (field: string) =>
  z.string({ error: `The field ${field} must be a string.` }).superRefine(
    refuse((text) => {
      if (text === '') return `The field ${field} must not be empty.`;
      return Buffer.byteLength(text) > MAX_BODY_BYTES
        ? `The field ${field} must be at most 48 KiB of UTF-8.`
        : undefined;
    }),
  );

/** One mail. Nothing is transformed, so checking a stored payload again gives the same payload. */
const emailPayload = z
  .strictObject(
    {
      to: addresses('to').describe(
        'An address or a list of up to 50, such as ada@example.com or Ada <ada@example.com>',
      ),
      cc: addresses('cc').optional(),
      bcc: addresses('bcc').optional().describe('Gets the mail, and is named in no header'),
      replyTo: z
        .string({ error: 'The field replyTo must be one address, as a string.' })
        .superRefine((text, context) => checkAddress(text, [], context))
        .optional(),
      subject: subject.describe('One line of at most 998 characters'),
      text: body('text').optional().describe('The mail as plain text, at most 48 KiB'),
      html: body('html')
        .optional()
        .describe('The mail as HTML, at most 48 KiB; give text too for readers without HTML'),
      headers: headersBy({ maxHeaders: MAX_HEADERS, problemOf: headerProblem })
        .optional()
        .describe('At most 10, each with a name that starts with X-'),
    },
    { error: shapeProblem('The payload of an email job must be an object with to and subject.', 'An email job has') },
  )
  .superRefine((payload, context) => {
    if (payload.text !== undefined || payload.html !== undefined) return;
    context.addIssue({ code: 'custom', path: ['text'], message: 'A mail needs a text or an html.' });
  });

export type EmailPayload = z.infer<typeof emailPayload>;

/** Sends a mail. */
export const emailDefinition: HandlerDefinition<EmailPayload> = {
  name: 'email',
  description: "Sends one mail through the operator's SMTP server. Which recipients it took is the result.",
  payloadSchema: emailPayload,
  defaults: {
    timeoutMs: MINUTE,
    // A mail server that defers (greylisting) wants minutes, not seconds.
    retry: { maxAttempts: 5, initialIntervalMs: 10 * SECOND, backoffCoefficient: 3, maxIntervalMs: 15 * MINUTE },
  },
};
