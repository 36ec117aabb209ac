import type { NodemailerError } from 'nodemailer';
import { HandlerError, NonRetryableError } from '../handler.js';
import { isTlsCode } from '../shared/tls-code.js';

/** Replies about who is asking (RFC 4954 section 6), whichever command they answer. */
const AUTH_REPLIES: ReadonlySet<number> = new Set([530, 534, 535, 538]);
/** What was wrong with the connection rather than with the mail. */
const CONNECTION_CODES: ReadonlySet<string> = new Set([
  'ECONNECTION',
  'ETIMEDOUT',
  'ESOCKET',
  'EDNS',
  'EPROTOCOL',
  'ETLS',
]);

/**
 * What a failed sending means for the run. No server's words and no cause go with it: they repeat addresses, and errors
 * are shown to more people than payloads are.
 */
export function smtpFailure(error: NodemailerError): HandlerError {
  if (error.responseCode !== undefined) return replyFailure(error, error.responseCode);
  const code = error.originalCode ?? error.code ?? 'unknown';
  if (isTlsCode(code)) {
    return new NonRetryableError('smtp_tls', `No secure connection to the mail server could be made (${code}).`);
  }
  if (error.code === 'EAUTH' || error.code === 'ENOAUTH') {
    return new NonRetryableError('smtp_auth', 'The mail server offers no way to log in that can be used.');
  }
  if (CONNECTION_CODES.has(error.code ?? '')) {
    return new HandlerError('smtp_unreachable', `The exchange with the mail server failed (${code}).`);
  }
  return new NonRetryableError('smtp_rejected', `The mail server cannot be given this mail (${code}).`);
}

function replyFailure(error: NodemailerError, reply: number): HandlerError {
  const says = `${replyOf(error.response ?? '', reply)}${error.command ? ` to ${error.command}` : ''}`;
  // 503 (bad sequence of commands) tells of the session, not of the mail: nodemailer calls it not permanent.
  if (error.permanent !== true) {
    return new HandlerError('smtp_temporary', `The mail server cannot take the mail now: it answered ${says}.`);
  }
  if (error.code === 'EAUTH' || AUTH_REPLIES.has(reply)) {
    return new NonRetryableError(
      'smtp_auth',
      `The mail server refused the credentials of SMTP_URL: it answered ${says}.`,
    );
  }
  if (error.code === 'ETLS') {
    return new NonRetryableError('smtp_tls', `The mail server refused STARTTLS: it answered ${says}.`);
  }
  return new NonRetryableError('smtp_rejected', `The mail server refused the mail: it answered ${says}.`);
}

/** The reply's numbers without its words: `550 5.1.1` (RFC 3463). */
function replyOf(response: string, reply: number): string {
  const enhanced = /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})(?![\d.])/.exec(response)?.[1];
  return enhanced === undefined ? String(reply) : `${reply} ${enhanced}`;
}
