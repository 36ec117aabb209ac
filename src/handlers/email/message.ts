import type { SendMailOptions } from 'nodemailer';
import type { RunContext } from '../handler.js';
import { type Mailbox, parseMailbox } from './address.js';
import type { EmailPayload } from './definition.js';

/**
 * The mail that a payload asks for. Addresses are handed over read, as objects: nodemailer parses none.
 *
 * @param at the time of sending, the mail's `Date`
 */
export function mailFor(payload: EmailPayload, context: RunContext, from: Mailbox, at: Date): SendMailOptions {
  const { cc, bcc, replyTo, text, html } = payload;
  return {
    from,
    to: mailboxesOf(payload.to),
    ...(cc !== undefined && { cc: mailboxesOf(cc) }),
    ...(bcc !== undefined && { bcc: mailboxesOf(bcc) }),
    ...(replyTo !== undefined && { replyTo: mailboxesOf(replyTo) }),
    subject: payload.subject,
    ...(text !== undefined && { text }),
    ...(html !== undefined && { html }),
    messageId: messageIdFor(context.runId, from),
    date: at,
    headers: {
      ...payload.headers,
      // Keeps holiday notices and other robots from answering (RFC 3834 section 5).
      'Auto-Submitted': 'auto-generated',
      'X-Carillon-Job-Id': context.jobId,
      'X-Carillon-Run-Id': context.runId,
    },
  };
}

/** The same for every attempt of a run, so that a reader's mail client can tell a second copy from a second mail. */
function messageIdFor(runId: string, from: Mailbox): string {
  const domain = from.address.slice(from.address.indexOf('@') + 1);
  return `<${runId}.carillon@${domain}>`;
}

function mailboxesOf(given: string | readonly string[]): Mailbox[] {
  return [given].flat().map((text) => {
    const mailbox = parseMailbox(text);
    // The payload was checked by the same function.
    if (typeof mailbox === 'string') throw new Error(mailbox);
    return mailbox;
  });
}
