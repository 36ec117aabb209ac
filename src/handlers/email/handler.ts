import type { NodemailerError } from 'nodemailer';
import { type Handler, HandlerError, NonRetryableError, type RunContext } from '../handler.js';
import { beginningOf } from '../shared/text.js';
import { type Mailbox, parseMailbox } from './address.js';
import { emailDefinition, type EmailPayload } from './definition.js';
import { smtpFailure } from './failure.js';
import { mailFor } from './message.js';
import { parseSmtpUrl } from './smtp-url.js';
import { connectionsTo, type MailConnections } from './transport.js';

/** The longest beginning of a server's answer that is kept, in characters. */
const MAX_RESPONSE_LENGTH = 500;

export interface EmailHandlerOptions {
  /** SMTP_URL: see `parseSmtpUrl`. Without it, every run fails with `email_not_configured`. */
  readonly smtpUrl?: string;
  /** CARILLON_MAIL_FROM: who the mails are from, such as `Carillon <jobs@example.com>`. Needed with `smtpUrl`. */
  readonly from?: string;
}

/** The result of an `email` run. */
export interface EmailResult {
  messageId: string;
  /** Addresses that the server took the mail for. */
  accepted: string[];
  /** Addresses that it refused, while it took the mail for others. */
  rejected: string[];
  /** Its answer to the whole mail. */
  response: string;
}

export interface EmailHandler extends Handler<EmailPayload> {
  /** Ends every connection. Mails still being sent fail. */
  close(): Promise<void>;
}

/**
 * Makes the `email` handler. `run` throws `smtp_temporary` and `smtp_unreachable` (retryable), `smtp_rejected`,
 * `smtp_auth`, `smtp_tls` and `email_not_configured` (not retryable), or the reason of the run's signal.
 *
 * @throws Error with a sentence that names SMTP_URL or CARILLON_MAIL_FROM when one of them can't be used
 */
export function createEmailHandler({ smtpUrl, from }: EmailHandlerOptions): EmailHandler {
  const outbox =
    smtpUrl === undefined ? undefined : { mail: connectionsTo(parseSmtpUrl(smtpUrl)), from: senderOf(from) };
  return {
    definition: emailDefinition,
    async run(context, payload) {
      context.signal.throwIfAborted();
      if (!outbox) throw notConfigured();
      return attempt(outbox.mail, outbox.from, context, payload);
    },
    async close() {
      outbox?.mail.close({ force: true });
    },
  };
}

function senderOf(from: string | undefined): Mailbox {
  const mailbox = from === undefined ? 'It is missing.' : parseMailbox(from);
  if (typeof mailbox !== 'string') return mailbox;
  throw new Error(`CARILLON_MAIL_FROM must be the address that mails are sent from when SMTP_URL is set. ${mailbox}`);
}

const notConfigured = (): NonRetryableError =>
  new NonRetryableError('email_not_configured', 'No mail can be sent: the operator of this node has not set SMTP_URL.');

async function attempt(
  mail: MailConnections,
  from: Mailbox,
  context: RunContext,
  payload: EmailPayload,
): Promise<EmailResult> {
  const { signal } = context;
  const message = mailFor(payload, context, from, new Date());
  try {
    const sent = await mail.sendMail({ ...message, signal });
    const response = kept(sent.response);
    const result = { messageId: sent.messageId, accepted: sent.accepted, rejected: sent.rejected, response };
    logSent(context, result, sent.rejectedErrors ?? []);
    return result;
  } catch (error) {
    // An abort closes the connection; what the sending rejects with is only an echo of it.
    signal.throwIfAborted();
    const failure = smtpFailure(error as NodemailerError);
    logFailed(context, failure, error as NodemailerError);
    throw failure;
  }
}

const kept = (response: string): string => beginningOf(response, MAX_RESPONSE_LENGTH);

/** Addresses and a server's words stand in fields only, never in a line's message. */
function logSent(
  context: RunContext,
  { accepted, rejected, response }: EmailResult,
  refusals: NodemailerError[],
): void {
  const reply = response.slice(0, 3);
  const total = accepted.length + rejected.length;
  context.log('info', `The mail server took the mail for ${accepted.length} of ${total} recipients (${reply}).`, {
    response,
  });
  if (rejected.length === 0) return;
  context.log('warn', `The mail server refused ${rejected.length} of ${total} recipients; the others get the mail.`, {
    rejected,
    responses: refusals.map(({ response: words }) => (words === undefined ? undefined : kept(words))),
  });
}

function logFailed(context: RunContext, failure: HandlerError, error: NodemailerError): void {
  // An answer to a log-in may repeat the user name, and is the operator's business.
  const response = failure.code === 'smtp_auth' || error.response === undefined ? undefined : kept(error.response);
  context.log('warn', failure.message, { code: failure.code, ...(response !== undefined && { response }) });
}
