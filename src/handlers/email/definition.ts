import { z } from 'zod';
import type { HandlerDefinition } from '../handler.js';
import { parseMailbox } from './address.js';
import { breaksLine } from './characters.js';
import { headerProblem, MAX_HEADERS, MAX_LINE_LENGTH } from './header-rules.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const MAX_ADDRESSES = 50;
const MAX_BODY_BYTES = 48 * 1024;

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

const subject = z.string({ error: 'The subject must be given, as a string.' }).superRefine((text, context) => {
  const problem = subjectProblem(text);
  if (problem) context.addIssue({ code: 'custom', message: problem });
});

function subjectProblem(text: string): string | undefined {
  if (text.trim() === '') return 'The subject must not be empty.';
  if (text.length > MAX_LINE_LENGTH) return `The subject must have at most ${MAX_LINE_LENGTH} characters.`;
  return breaksLine(text) ? 'The subject must hold no line breaks or control characters.' : undefined;
}

const body = (field: string) =>
  z.string({ error: `The field ${field} must be a string.` }).superRefine((text, context) => {
    if (text === '') context.addIssue({ code: 'custom', message: `The field ${field} must not be empty.` });
    if (Buffer.byteLength(text) > MAX_BODY_BYTES)
      context.addIssue({ code: 'custom', message: `The field ${field} must be at most 48 KiB of UTF-8.` });
  });

const headers = z
  .record(z.string(), z.string({ error: 'A header value in headers must be a string.' }), {
    error: 'The field headers must be an object of strings.',
  })
  .superRefine((given, context) => {
    const names = Object.keys(given);
    if (names.length > MAX_HEADERS)
      context.addIssue({ code: 'custom', message: `At most ${MAX_HEADERS} headers can be given.` });
    const seen = new Set<string>();
    for (const name of names) {
      const twice = seen.has(name.toLowerCase()) ? 'A header is given twice, in different letter case.' : undefined;
      const problem = headerProblem(name, given[name] ?? '') ?? twice;
      if (problem) context.addIssue({ code: 'custom', message: problem, path: [name] });
      seen.add(name.toLowerCase());
    }
  });

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
      headers: headers.optional().describe('At most 10, each with a name that starts with X-'),
    },
    { error: describeShape },
  )
  .superRefine((payload, context) => {
    if (payload.text !== undefined || payload.html !== undefined) return;
    context.addIssue({ code: 'custom', path: ['text'], message: 'A mail needs a text or an html.' });
  });

function describeShape(issue: { code?: string; keys?: readonly string[] }): string {
  if (issue.code !== 'unrecognized_keys') return 'The payload of an email job must be an object with to and subject.';
  return `An email job has no field ${(issue.keys ?? []).join(', ')}.`;
}

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
