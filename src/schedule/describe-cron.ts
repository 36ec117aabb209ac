/** Says in words what a cron expression means, so that a person can see whether it was understood as meant. */
import { compileCron } from './cron-expression.js';
import { clock, inWords, monthNames, ordinal, weekdayNames } from './words.js';

const SPELLED_TIMES = 6;

/** How one field's values are called: the unit of its steps, and the word for a value. */
interface FieldWords {
  unit: string;
  value: (text: string) => string;
}

const numbered = (unit: string): FieldWords => ({ unit, value: String });
const secondWords = numbered('second');
const minuteWords = numbered('minute');
const hourWords = numbered('hour');
const dayWords: FieldWords = { unit: 'day of the month', value: dayOfMonth };
const monthWords: FieldWords = { unit: 'month', value: (text) => named(text, monthNames, 1) };
const weekdayWords: FieldWords = { unit: 'day of the week', value: dayOfWeek };

/** The expression in words, without its time zone: "every weekday at 09:30". */
export function describeCron(expression: string): string {
  const [second = '0', minute = '*', hour = '*', day = '*', month = '*', weekday = '*'] =
    compileCron(expression).fields;
  const times = spelledTimes(second, minute, hour);
  const months = isAny(month) ? '' : ` in ${fieldWords(month, monthWords)}`;
  const days = dayPhrase(day, weekday, times !== null);
  if (times !== null) return `${days === '' ? 'every day' : days} at ${times}${months}`;
  return `${ticks(second, minute, hour)}${days === '' ? '' : `, ${days}`}${months === '' ? '' : `,${months}`}`;
}

const isAny = (field: string): boolean => field === '*' || field === '?';

/** "09:30 and 14:30" for a few plain times, null for anything with ranges, steps or wildcards. */
function spelledTimes(second: string, minute: string, hour: string): string | null {
  if (![second, minute, hour].every((field) => /^[\d,]+$/.test(field))) return null;
  const [seconds = [], minutes = [], hours = []] = [second, minute, hour].map((field) =>
    field
      .split(',')
      .map(Number)
      .toSorted((a, b) => a - b),
  );
  const times = hours.flatMap((h) => minutes.flatMap((m) => seconds.map((s) => clock(h, m, s))));
  return times.length <= SPELLED_TIMES ? inWords(times) : null;
}

/** The rhythm of an expression whose times are too many to spell. */
function ticks(second: string, minute: string, hour: string): string {
  const hours = hour === '*' ? '' : `, in ${valuesOf(hour, hourWords)}`;
  const minutes = minute === '*' ? '' : `, in ${valuesOf(minute, minuteWords)}`;
  if (second !== '0') {
    const rhythm = every(second, 60, secondWords) ?? `at ${valuesOf(second, secondWords)} of each minute`;
    return `${rhythm}${minutes}${hours}`;
  }
  if (minute === '0' && hour === '*') return 'every hour on the hour';
  if (minute === '0') return every(hour, 24, hourWords) ?? `on the hour${hours}`;
  const rhythm = every(minute, 60, minuteWords) ?? `at ${valuesOf(minute, minuteWords)} of each hour`;
  return `${rhythm}${hours}`;
}

/** "every 15 minutes" where the step divides the whole evenly, so that the words are true at its end too. */
function every(field: string, whole: number, { unit }: FieldWords): string | null {
  if (field === '*') return `every ${unit}`;
  const step = Number(/^[*0]?\/(\d+)$/.exec(field)?.[1] ?? NaN);
  if (Number.isNaN(step) || step === whole || whole % step !== 0) return null;
  return step === 1 ? `every ${unit}` : `every ${step} ${unit}s`;
}

/** "minute 5", "minutes 0 and 30", "every 7th minute". */
function valuesOf(field: string, words: FieldWords): string {
  const text = fieldWords(field, words);
  if (text.startsWith('every ')) return text;
  return `${words.unit}${/^\d+$/.test(text) ? '' : 's'} ${text}`;
}

/**
 * Both restricted: either is enough; a field that begins with a star narrows the other one (see cron-expression.ts).
 */
function dayPhrase(day: string, weekday: string, spelled: boolean): string {
  const days = isAny(day) ? '' : `on ${fieldWords(day, dayWords)}`;
  const weekdays = isAny(weekday) ? '' : weekdayPhrase(weekday, spelled);
  if (days === '' || weekdays === '') return days + weekdays;
  const narrowing = day.startsWith('*') || weekday.startsWith('*');
  return `${days} ${narrowing ? 'if it is' : 'or'} ${narrowing ? fieldWords(weekday, weekdayWords) : weekdays}`;
}

function weekdayPhrase(weekday: string, spelled: boolean): string {
  if (/^(1-5|mon-fri)$/i.test(weekday)) return spelled ? 'every weekday' : 'on weekdays';
  const words = fieldWords(weekday, weekdayWords);
  return `${spelled && !/^(the|every) | to /.test(words) ? 'every' : 'on'} ${words}`;
}

/** A field's list in words. */
function fieldWords(field: string, words: FieldWords): string {
  return inWords(field.split(',').map((item) => itemWords(item, words)));
}

function itemWords(item: string, { unit, value }: FieldWords): string {
  if (/^L-/i.test(item)) return value(item);
  const [range = '', step] = item.split('/');
  const [from = '', to] = range.split('-');
  const span = to === undefined ? value(from) : `${value(from)} to ${value(to)}`;
  if (step === undefined) return from === '*' ? `every ${unit}` : span;
  const rhythm = step === '1' ? `every ${unit}` : `every ${ordinal(Number(step))} ${unit}`;
  return from === '*' || from === '' ? rhythm : `${rhythm} from ${span}`;
}

function dayOfMonth(text: string): string {
  const upper = text.toUpperCase();
  if (upper === 'L') return 'the last day of the month';
  if (upper === 'LW') return 'the last weekday of the month';
  if (upper.startsWith('L-')) return beforeLast(Number(upper.slice(2)));
  if (upper.endsWith('W')) return `the weekday nearest the ${ordinal(parseInt(upper, 10))}`;
  return `the ${ordinal(Number(upper))}`;
}

function beforeLast(days: number): string {
  if (days === 0) return 'the last day of the month';
  return `the ${days === 1 ? '' : `${ordinal(days)} `}day before the last day of the month`;
}

function dayOfWeek(text: string): string {
  const [, name = '', last, nth] = /^(.+?)(L)?(?:#(.+))?$/i.exec(text) ?? [];
  const weekday = named(name, weekdayNames, 0);
  if (last !== undefined || nth?.toUpperCase() === 'L') return `the last ${weekday} of the month`;
  return nth === undefined ? weekday : `the ${ordinal(Number(nth))} ${weekday} of the month`;
}

/** A number or a three-letter name to the whole name. */
function named(text: string, names: readonly string[], base: number): string {
  const byName = names.find((name) => name.slice(0, 3).toUpperCase() === text.toUpperCase());
  return byName ?? names[(Number(text) - base) % names.length] ?? text;
}
