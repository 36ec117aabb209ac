import { isUnsafe } from './characters.js';

/** One mailbox, as nodemailer takes it without parsing anything again. The domain is in ASCII (IDNA A-labels). */
export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

/** RFC 5321 section 4.5.3.1: a path has at most 256 octets, of which two are its angle brackets. */
export const MAX_ADDRESS_LENGTH = 254;
const MAX_LOCAL_PART_LENGTH = 64;
export const MAX_NAME_LENGTH = 128;
/** Long enough for every name and address, short enough that no pattern below sees a book. */
const MAX_TEXT_LENGTH = MAX_NAME_LENGTH + MAX_ADDRESS_LENGTH + 8;

/** RFC 5322 section 3.2.3: dot-atom. Quoted local parts and comments are legal, used by nobody, and read differently by each server. */
const LOCAL_PART = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
/** Labels of letters, digits and hyphens, of any script; no literal such as [127.0.0.1]. */
const DOMAIN = /^[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}.-]*[\p{L}\p{M}\p{N}])?$/u;
const ASCII_LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** What separates, groups, quotes or comments addresses (RFC 5322 section 3.2.3). A quoted name may hold some of it. */
const SPECIAL_IN_NAME = /[<>"\\@,;:()[\]]/;
const SPECIAL_IN_QUOTES = /[<>"\\@]/;

/**
 * Reads one address: `local@domain`, `Name <local@domain>` or `"Name, with a comma" <local@domain>`. Strict, so that
 * what was checked is what the mail server is told: one text can never name a second mailbox.
 *
 * @returns the mailbox, or why there is none, as a sentence which never repeats the text
 */
export function parseMailbox(text: string): Mailbox | string {
  if (text.length > MAX_TEXT_LENGTH) return 'An address is too long: its part before the name may have 254 characters.';
  if (isUnsafe(text)) return 'An address must hold no line breaks, control characters or invisible characters.';
  const angled = /^([^<>]*) <([^<>]*)>$/.exec(text);
  const name = angled ? nameOf(angled[1] ?? '') : '';
  if (name === undefined) {
    return 'The name before an address must have at most 128 characters and none of <>"\\@,;:()[]; quote it if it has a comma.';
  }
  const address = addressOf(angled ? (angled[2] ?? '') : text);
  if (address === undefined)
    return 'Each address must be a single one, such as ada@example.com or Ada <ada@example.com>.';
  return { name, address };
}

function nameOf(text: string): string | undefined {
  const quoted = /^"([^"]*)"$/.exec(text);
  const name = quoted ? (quoted[1] ?? '') : text;
  if (name.trim() === '' || name.length > MAX_NAME_LENGTH) return undefined;
  return (quoted ? SPECIAL_IN_QUOTES : SPECIAL_IN_NAME).test(name) ? undefined : name;
}

function addressOf(text: string): string | undefined {
  const at = text.indexOf('@');
  const localPart = text.slice(0, at);
  if (at < 1 || at > MAX_LOCAL_PART_LENGTH || !LOCAL_PART.test(localPart)) return undefined;
  const domain = asciiDomain(text.slice(at + 1));
  const address = `${localPart}@${domain}`;
  return domain === undefined || address.length > MAX_ADDRESS_LENGTH ? undefined : address;
}

/** The domain as DNS has it: international names become `xn--` labels here (UTS 46, by the URL parser), not at the far end. */
function asciiDomain(text: string): string | undefined {
  const url = DOMAIN.test(text) ? `http://${text}/` : '';
  if (!URL.canParse(url)) return undefined;
  const { hostname } = new URL(url);
  const labels = hostname.split('.');
  // The URL parser turns a name that ends in a number into an IPv4 address.
  if (/^\d+$/.test(labels.at(-1) ?? '')) return undefined;
  return hostname.length <= 253 && labels.every((label) => ASCII_LABEL.test(label)) ? hostname : undefined;
}
