/** What people write from other schedulers or in plain words, and how it is written here. */
import { readCron } from './cron-expression.js';
import { readInterval } from './interval.js';
import { DAY, HOUR, MINUTE, SECOND } from './limits.js';

/** Words for what has another name here. */
const MEANT: Record<string, string> = {
  minutely: 'every minute',
  secondly: 'every second',
  annually: 'yearly',
  annual: 'yearly',
  workdays: 'weekdays',
  'every weekday': 'weekdays',
  'every working day': 'weekdays',
  'every other day': 'every 2 days',
  'every other week': 'every 2 weeks',
  biweekly: 'every 2 weeks',
  fortnightly: 'every 2 weeks',
  bimonthly: 'every 2 months',
  'half-yearly': 'every 6 months',
  '@minutely': 'every minute',
  '@secondly': 'every second',
  '@quarterly': 'quarterly',
  '@weekdays': 'weekdays',
};

/**
 * What to write instead of a text of another form, as the end of a sentence that begins with "use", or null. Every form
 * is a pattern without nested repetition, so that the work stays small for any text of the length that is read.
 */
export function hintFor(text: string): string | null {
  const lower = text.toLowerCase().replace(/ +/g, ' ');
  if (Object.hasOwn(MEANT, lower)) return `"${MEANT[lower]}"`;
  return spanHint(lower) ?? awsHint(text) ?? systemdHint(lower) ?? spokenHint(lower);
}

const UNITS: readonly { word: RegExp; unit: string; ms: number }[] = [
  { word: /^(s|secs?|seconds?)$/, unit: 'second', ms: SECOND },
  { word: /^(m|mins?|minutes?)$/, unit: 'minute', ms: MINUTE },
  { word: /^(h|hrs?|hours?)$/, unit: 'hour', ms: HOUR },
  { word: /^(d|days?)$/, unit: 'day', ms: DAY },
  { word: /^(w|wks?|weeks?)$/, unit: 'week', ms: 0 },
  { word: /^(mo|mons?|months?)$/, unit: 'month', ms: 0 },
  { word: /^(y|yrs?|years?)$/, unit: 'year', ms: 0 },
];

/** `5m`, `15 min`, `1h30m`, `every 15 mins`, Go's `@every 5m`, AWS's `rate(5 minutes)`. */
function spanHint(text: string): string | null {
  const inner = /^rate ?\((.*)\)$/.exec(text)?.[1] ?? text.replace(/^@?(every )?/, '');
  const parts = inner.trim().match(/\d+(\.\d+)? ?[a-z]+/g) ?? [];
  if (parts.length === 0 || parts.join('') !== inner.trim().replace(/,? and |(?<=[a-z]),? (?=\d)/g, '')) return null;
  const spans = parts.flatMap((part) => {
    const [, amount = '', word = ''] = /^([\d.]+) ?([a-z]+)$/.exec(part) ?? [];
    const known = UNITS.find((unit) => unit.word.test(word));
    return known === undefined ? [] : [{ ...known, amount: Number(amount) }];
  });
  if (spans.length < parts.length) return null;
  const [only] = spans;
  if (only !== undefined && spans.length === 1 && Number.isSafeInteger(only.amount) && only.amount > 0) {
    return intervalHint(`every ${only.amount === 1 ? only.unit : `${only.amount} ${only.unit}s`}`);
  }
  // A sum, or a fraction, is elapsed time.
  if (spans.some(({ ms }) => ms === 0)) return null;
  return iso8601(spans.reduce((sum, { amount, ms }) => sum + amount * ms, 0));
}

function iso8601(ms: number): string | null {
  if (ms < SECOND || !Number.isSafeInteger(ms / SECOND)) return null;
  const [hours, minutes, seconds] = [Math.floor(ms / HOUR), Math.floor((ms % HOUR) / MINUTE), (ms % MINUTE) / SECOND];
  return intervalHint(`PT${hours ? `${hours}H` : ''}${minutes ? `${minutes}M` : ''}${seconds ? `${seconds}S` : ''}`);
}

const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** AWS's `cron(0 9 ? * 2-6 *)`: six fields with the year last, and Sunday is 1. */
function awsHint(text: string): string | null {
  const fields = /^cron ?\(([^()]*)\)$/i.exec(text)?.[1]?.trim().split(/ +/) ?? [];
  if (fields.length !== 6) return null;
  const [minute, hour, day = '', month, weekday = '', year] = fields;
  const named = weekday.replace(
    /(^|[,-])([1-7])/g,
    (_, before: string, n: string) => before + (WEEKDAYS[Number(n) - 1] ?? ''),
  );
  const cron = cronHint([minute, hour, star(day), month, star(named)].join(' '));
  return cron === null || year === '*' ? cron : `${cron}, and say the years with startAt and endAt`;
}

const star = (field: string): string => (field === '?' ? '*' : field);

/** systemd's `Mon..Fri 09:00` and `*-*-01 09:00:00`. */
function systemdHint(text: string): string | null {
  const form = /^(?:([a-z.,]+) )?(?:\*-([\d*,]+)-([\d*,]+) )?(\d{1,2}|\*):(\d{1,2}|\*)(?::(\d{1,2}))?$/.exec(text);
  if (form === null) return null;
  const [, weekdays = '*', month = '*', day = '*', hour = '', minute = '', second] = form;
  const names = weekdays.replace(/[a-z]+/g, (name) => weekdayOf(name) ?? name).replaceAll('..', '-');
  const seconds = second === undefined || Number(second) === 0 ? [] : [number(second)];
  return cronHint([...seconds, number(minute), number(hour), number(day), number(month), names].join(' '));
}

const number = (text: string): string => text.replace(/\b0+(?=\d)/g, '');

const NAMED_TIMES: Record<string, string> = { midnight: '0:00', noon: '12:00' };

const KEYWORD_DAYS = [
  { words: /^(day|daily|)$/, keyword: 'daily', days: '* * *' },
  { words: /^(weekdays?|working days?)$/, keyword: 'weekdays', days: '* * MON-FRI' },
  { words: /^(month|monthly)$/, keyword: 'monthly', days: '1 * *' },
];

/** `every day at 9:30`, `daily at 9`, `every monday and friday at 5 pm`. */
function spokenHint(text: string): string | null {
  const [, days = '', written] = /^(?:every |each |on )?([a-z, ]*?)(?:(?:^| )at ([\da-z: ]+))?$/.exec(text) ?? [];
  const [, hour = '', minute = '0', half] =
    /^(\d{1,2})(?:[:h](\d\d))? ?(am|pm)?$/.exec(NAMED_TIMES[written ?? 'midnight'] ?? written ?? '') ?? [];
  if (hour === '') return null;
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (half === 'pm' ? 12 : 0);
  const time = `${Number(minute)} ${hours}`;
  const keyword = KEYWORD_DAYS.find(({ words }) => words.test(days));
  // Without a time it is the keyword itself that was meant.
  if (keyword !== undefined && written === undefined) return null;
  if (keyword !== undefined) return keywordOr(keyword.keyword, `${time} ${keyword.days}`);
  if (/^weekends?$/.test(days)) return cronHint(`${time} * * SAT,SUN`);
  const names = days
    .replace(/^weekly on /, '')
    .split(/,? and |, ?/)
    .map((name) => weekdayOf(name));
  return names.every((name) => name !== null) ? cronHint(`${time} * * ${names.join(',')}`) : null;
}

/** MON for mon, mondays, tues: any beginning of a weekday's name from three letters on. */
function weekdayOf(name: string): string | null {
  const whole = ['sundays', 'mondays', 'tuesdays', 'wednesdays', 'thursdays', 'fridays', 'saturdays'];
  const index = name.length < 3 ? -1 : whole.findIndex((day) => day.startsWith(name));
  return WEEKDAYS[index] ?? null;
}

function keywordOr(keyword: string, expression: string): string | null {
  const hint = cronHint(expression);
  return hint === null ? null : `"${keyword}" with an executionTime, or ${hint}`;
}

// Only what would be understood is recommended.

function cronHint(expression: string): string | null {
  const cron = readCron(expression);
  return cron.ok ? `"${cron.value}"` : null;
}

function intervalHint(text: string): string | null {
  return readInterval(text).ok ? `"${text}"` : null;
}
