/** Says in one sentence which part of a cron expression is wrong, and what was probably meant. */
import { matcherFor } from './cron-matcher.js';
import { excerpt } from './excerpt.js';

/** How many parts a field may list: enough for every minute of an hour by name. */
const MAX_PARTS = 64;

interface FieldSpec {
  name: string;
  low: number;
  high: number;
  /** What it may hold, in words. */
  allows: string;
  /** Three-letter names; the first stands for `low`. */
  names: readonly string[];
  /** What stands for the value one above `high`, where that is what people write. */
  wraps?: string;
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'];

/** The fields in order. */
const FIELDS: readonly FieldSpec[] = [
  { name: 'second', low: 0, high: 59, allows: '0 to 59', names: [], wraps: 'the full minute is 0' },
  { name: 'minute', low: 0, high: 59, allows: '0 to 59', names: [], wraps: 'the full hour is 0' },
  { name: 'hour', low: 0, high: 23, allows: '0 to 23', names: [], wraps: 'midnight is 0' },
  { name: 'day-of-month', low: 1, high: 31, allows: '1 to 31, L, LW, L-3 (to L-30) or 15W', names: [] },
  { name: 'month', low: 1, high: 12, allows: '1 to 12 or JAN to DEC', names: MONTHS },
  {
    name: 'day-of-week',
    low: 0,
    high: 7,
    allows: '0 to 7 (0 and 7 are Sunday), SUN to SAT, 5L or 5#2',
    names: WEEKDAYS,
  },
];

/** A wrong number of fields, or null. */
export function countProblem(expression: string): string | null {
  const { length } = expression.split(' ');
  if (length === 5 || length === 6) return null;
  return (
    `The cron expression "${excerpt(expression)}" has ${length} field${length === 1 ? '' : 's'}: write 5 ` +
    `(minute hour day-of-month month day-of-week), or 6 with the second first.${countHint(length)}`
  );
}

function countHint(length: number): string {
  if (length === 4) return ' Did you leave out the minute?';
  if (length === 7)
    return ' A year field is not supported: leave the seventh out, and say the years with startAt and endAt.';
  return '';
}

/** What is wrong with six fields, or null. */
export function fieldProblem(fields: readonly string[]): string | null {
  for (const [index, field] of fields.entries()) {
    const parts = field.split(',').length;
    if (parts > MAX_PARTS) {
      return `The ${FIELDS[index]?.name} field lists ${parts} parts, and at most ${MAX_PARTS} are taken: write ranges (1-5) or steps (*/5).`;
    }
  }
  if (isPattern(fields)) return null;
  for (const [index, spec] of FIELDS.entries()) {
    const field = fields[index] ?? '';
    if (isPattern(FIELDS.map((_, other) => (other === index ? field : '*')))) continue;
    const why = whyWrong(field, spec);
    return (
      `The ${spec.name} field "${excerpt(field)}" of the cron expression is not understood: ${why === null ? '' : `${why}; `}` +
      `it takes ${spec.allows}${why === null ? ', as a value, a list (1,2), a range (1-5) or a step (*/5)' : ''}.`
    );
  }
  return `The cron expression "${excerpt(fields.join(' '))}" is not understood: check its fields one by one.`;
}

/** What croner reads as no day and as every day, and people do not mean so. */
const FROM_SEVEN = /^7\//;
const SUNDAY_TO_SUNDAY = /^(0|sun)-sun\b/i;

function isPattern(fields: readonly string[]): boolean {
  // Two things croner takes that no crontab does: `?` for a time, and `+` before the weekday to AND it with the day.
  if (fields.slice(0, 3).some((field) => field.includes('?')) || fields[5]?.startsWith('+')) return false;
  if (fields[5]?.split(',').some((part) => FROM_SEVEN.test(part) || SUNDAY_TO_SUNDAY.test(part))) return false;
  try {
    matcherFor(fields);
    return true;
  } catch {
    return false;
  }
}

/** The first thing wrong in a field, as a clause, or null when nothing better can be said. */
function whyWrong(field: string, spec: FieldSpec): string | null {
  for (const part of field.split(',')) {
    if (/^L-\d+W$/i.test(part)) return 'L-3 and W do not go together';
    if (SUNDAY_TO_SUNDAY.test(part)) return `"${part}" is one day or all: write "SUN" or "*"`;
    if (part === '') return 'it has an empty part between its commas';
    const why = stepProblem(part, spec) ?? rangeProblem(part, spec);
    if (why !== null) return why;
  }
  return null;
}

function stepProblem(part: string, { name, low, high }: FieldSpec): string | null {
  const step = /\/(\d+)$/.exec(part)?.[1];
  if (step === undefined) return null;
  if (name === 'day-of-week' && FROM_SEVEN.test(part)) return 'steps from Sunday begin at 0';
  const values = Math.min(high, name === 'day-of-week' ? 6 : high) - low + 1;
  if (Number(step) === 0) return 'a step is at least 1';
  return Number(step) > values ? `the step ${step} is more than the ${values} values of a ${name}` : null;
}

/** What is wrong with the value or the two ends of a range. */
function rangeProblem(part: string, spec: FieldSpec): string | null {
  const [range = ''] = part.split('/');
  if (/^L-\d+$/i.test(part)) return 'L-30 is the earliest day';
  const ends = range.split('-');
  for (const end of ends) {
    const why = valueProblem(end, spec);
    if (why !== null) return why;
  }
  const [from, to] = ends.map((end) => valueOf(end, spec));
  if (ends.length !== 2 || from === undefined || to === undefined || from === null || to === null || from <= to) {
    return null;
  }
  const [first = '', last = ''] = ends;
  const top = spec.name === 'day-of-week' ? 6 : spec.high;
  const written = (value: number) => (/\d/.test(first) ? String(value) : (spec.names[value - spec.low] ?? ''));
  const upper = from === top ? first : `${first}-${written(top)}`;
  const lower = to === spec.low ? last : `${written(spec.low)}-${last}`;
  return `the range "${range}" runs backwards: write "${upper},${lower}"`;
}

function valueProblem(text: string, spec: FieldSpec): string | null {
  if (spec.name === 'day-of-week' && /^\d{4}$/.test(text)) return 'it looks like a year, which is not supported';
  if (/^\d+$/.test(text)) {
    const value = Number(text);
    if (value >= spec.low && value <= spec.high) return null;
    return value === spec.high + 1 && spec.wraps !== undefined ? spec.wraps : `${excerpt(text)} is out of range`;
  }
  if (!/^[a-z]{3,}$/i.test(text) || valueOf(text, spec) !== null) return null;
  const meant = spec.names.find((name) => text.toUpperCase().startsWith(name));
  return meant === undefined ? null : `did you mean "${meant}"`;
}

function valueOf(text: string, { names, low }: FieldSpec): number | null {
  if (/^\d+$/.test(text)) return Number(text);
  const index = names.indexOf(text.toUpperCase());
  return index === -1 ? null : index + low;
}
