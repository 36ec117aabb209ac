/**
 * The parts of an iCalendar file (RFC 5545), by ical.js. Only its parser is used: it takes each byte of a hostile file
 * once or nearly so, while its iterator of recurrence rules can run without end (see ics-rule.ts).
 */
import ICAL from 'ical.js';
import type { Understood } from '../types.js';

/** A property in jCal (RFC 7265): name in lower case, parameters, type, values. */
type Property = [name: string, parameters: Record<string, unknown>, type: string, ...values: unknown[]];
type Component = [name: string, properties: Property[], components: Component[]];

/** The properties of one VEVENT. */
export interface IcsEvent {
  /** The values of every property of that name, in order. */
  all(name: string): unknown[];
  /** The first value, where it is a text. */
  text(name: string): string | undefined;
}

const LONGEST_REASON = 120;

/** The events of every calendar in the file. Never throws. */
export function parseIcs(text: string): Understood<IcsEvent[]> {
  const content = text.trim(); // of the byte order mark too
  if (!/^begin:vcalendar\b/i.test(content)) {
    return { ok: false, message: 'The text is not an iCalendar file: such a file begins with "BEGIN:VCALENDAR".' };
  }
  try {
    const parsed = ICAL.parse(content) as Component | Component[];
    const roots = typeof parsed[0] === 'string' ? [parsed as Component] : (parsed as Component[]);
    const events = roots
      .filter(([name]) => name === 'vcalendar')
      .flatMap(([, , components]) => components.filter(([name]) => name === 'vevent').map(eventOf));
    return { ok: true, value: events };
  } catch (cause) {
    return { ok: false, message: `The iCalendar file is not understood${reason(cause)}: is it complete?` };
  }
}

function eventOf([, properties]: Component): IcsEvent {
  const byName = new Map<string, unknown[]>();
  for (const [name, , , ...values] of properties) {
    const known = byName.get(name);
    if (known === undefined) byName.set(name, values);
    else for (const value of values) known.push(value);
  }
  return {
    all: (name) => byName.get(name) ?? [],
    text(name) {
      const value = byName.get(name)?.[0];
      return typeof value === 'string' ? value : undefined;
    },
  };
}

/** What the parser says of a wrong line; a TypeError is about its own insides. */
function reason(cause: unknown): string {
  if (!(cause instanceof Error) || cause instanceof TypeError) return '';
  const said = printable(cause.message);
  return ` (${said.length > LONGEST_REASON ? `${said.slice(0, LONGEST_REASON)}...` : said})`;
}

/** On one line, without control characters. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
}
