/** Reads intervals: `every 15 minutes` and ISO 8601 durations. */
import { Temporal } from 'temporal-polyfill';
import { excerpt } from './excerpt.js';
import { DAY, HOUR, MINUTE, SECOND } from './limits.js';
import type { Period, Understood } from './types.js';

const UNITS: Record<string, Partial<Period>> = {
  second: { elapsedMs: SECOND },
  minute: { elapsedMs: MINUTE },
  hour: { elapsedMs: HOUR },
  day: { days: 1 },
  week: { days: 7 },
  month: { months: 1 },
  quarter: { months: 3 },
  year: { months: 12 },
};

const LONGEST_YEARS = 100;
const EXAMPLE =
  'write "every", a number and seconds, minutes, hours, days, weeks, months, quarters or years, as in "every 15 minutes", ' +
  'or an ISO 8601 duration such as "PT15M"';

export function looksLikeInterval(text: string): boolean {
  return /^every\b/i.test(text) || looksLikeDuration(text);
}

function looksLikeDuration(text: string): boolean {
  return /^[+-]?p[\dt.,+-]/i.test(text) || /^p$/i.test(text);
}

/** Reads an interval of at least one second and at most a hundred years. */
export function readInterval(text: string): Understood<Period> {
  const refuse = (what: string): Understood<Period> => {
    return { ok: false, message: `The interval "${excerpt(text)}" ${what}: ${EXAMPLE}.` };
  };
  if (/^(every +)?-|^p.*-\d/i.test(text)) return refuse('is negative, and time runs forwards');
  if (FRACTION_OF_A_SECOND.test(text)) return refuse('is shorter than one second');
  const period = looksLikeDuration(text) ? durationPeriod(text) : everyPeriod(text);
  if (period === null) return refuse('is not understood');
  const shortest = period.months > 0 || period.days > 0 || period.elapsedMs >= SECOND;
  if (!shortest) return refuse('is shorter than one second');
  const years = period.months / 12 + (period.days + period.elapsedMs / DAY) / 365;
  if (years > LONGEST_YEARS) return refuse(`is longer than ${LONGEST_YEARS} years`);
  return { ok: true, value: period };
}

const FRACTION_OF_A_SECOND = /^every +(0?\.\d+ *s(ec(ond)?s?)?|\d{1,3} *(ms|milliseconds?))$/i;

/** `every [n] unit`, in any case, singular or plural. */
function everyPeriod(text: string): Period | null {
  const [, digits = '1', word = ''] = /^every +(?:(\d{1,12}) +)?([a-z]+?)s?$/i.exec(text) ?? [];
  const unit = Object.hasOwn(UNITS, word.toLowerCase()) ? UNITS[word.toLowerCase()] : undefined;
  if (unit === undefined) return null;
  const { months = 0, days = 0, elapsedMs = 0 } = unit;
  const times = Number(digits);
  return { months: times * months, days: times * days, elapsedMs: times * elapsedMs };
}

/** ISO 8601 durations as Temporal reads them: positive, in whole milliseconds. */
function durationPeriod(text: string): Period | null {
  try {
    const duration = Temporal.Duration.from(text);
    if (duration.sign < 0) return null;
    const { years, months, weeks, days } = duration;
    const time = duration.with({ years: 0, months: 0, weeks: 0, days: 0 });
    const elapsedMs = time.total('milliseconds');
    if (!Number.isInteger(elapsedMs)) return null;
    return { months: years * 12 + months, days: weeks * 7 + days, elapsedMs };
  } catch {
    return null;
  }
}
