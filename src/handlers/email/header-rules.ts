import { breaksLine } from './characters.js';

/** Limits on the headers of a payload. */
export const MAX_HEADERS = 10;
/** RFC 5322 section 2.1.1: a line has at most 998 characters. */
export const MAX_LINE_LENGTH = 998;

const EXTENSION_NAME = /^X-[A-Za-z0-9-]{1,60}$/i;
/** Which run sent a mail is never the payload's to say. */
const RESERVED = /^X-Carillon-/i;
/**
 * Headers by which relays take orders: SendGrid, Mandrill, Amazon SES, Mailgun, SparkPost, Mailjet and Postmark let them
 * add hidden recipients or change who sends.
 */
const RELAY_ORDERS = /^X-(?:SMTPAPI$|MC-|SES-|Mailgun-|MSYS-API$|MJ-|Mailjet-|PM-)/i;

/** Why one header can't be sent, as a sentence; undefined when it can. The value is never repeated. */
export function headerProblem(name: string, value: string): string | undefined {
  if (!EXTENSION_NAME.test(name)) {
    return 'A header name in headers must start with X- and have only letters, digits and hyphens, at most 62 characters.';
  }
  if (RESERVED.test(name)) return 'Headers that start with X-Carillon- are set by Carillon and cannot be given.';
  if (RELAY_ORDERS.test(name)) return `The header ${name} gives orders to a mail service and cannot be given.`;
  if (breaksLine(value)) return `The value of the header ${name} must hold no line breaks or control characters.`;
  if (value.length > MAX_LINE_LENGTH) return `The value of the header ${name} must have at most 998 characters.`;
  return undefined;
}
