/**
 * The days and times of a rule in UTC, by the letter of RFC 5545 3.3.10: every unit of time is looked at, one by one.
 * Slow, and shares nothing with src/schedule/rrule.
 */
const DAY = 86_400_000;
const UNITS: Record<string, number> = { SECONDLY: 1_000, MINUTELY: 60_000, HOURLY: 3_600_000 };
const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

type Parts = Partial<Record<string, string>>;

const numbers = (text: string | undefined): number[] => text?.split(',').map(Number) ?? [];
const utc = (instant: number): Date => new Date(instant);
const weekStartOf = (day: number, wkst: number): number => day - ((utc(day).getUTCDay() - wkst + 7) % 7) * DAY;

/** Where a day stands among `length` days, from both ends: [3, -29]. */
const bothWays = (index: number, length: number): number[] => [index + 1, index - length];

/** The week of the year, from both ends: week 1 is the first with at least four days in the year. */
function weekNumbers(day: number, wkst: number): number[] {
  const start = weekStartOf(day, wkst);
  const year = utc(start + 3 * DAY).getUTCFullYear();
  const firstWeek = (each: number) => weekStartOf(Date.UTC(each, 0, 4), wkst);
  const weeks = (firstWeek(year + 1) - firstWeek(year)) / (7 * DAY);
  return bothWays((start - firstWeek(year)) / (7 * DAY), weeks);
}

function dayFits(day: number, freq: string, parts: Parts, wkst: number): boolean {
  const date = utc(day);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  const [newYear, first] = [Date.UTC(year, 0, 1), Date.UTC(year, month, 1)];
  const ofYear = bothWays((day - newYear) / DAY, (Date.UTC(year + 1, 0, 1) - newYear) / DAY);
  const ofMonth = bothWays(date.getUTCDate() - 1, (Date.UTC(year, month + 1, 1) - first) / DAY);
  const fits = (name: string, places: number[]) =>
    parts[name] === undefined || numbers(parts[name]).some((number) => places.includes(number));
  const nth = freq === 'MONTHLY' || parts['BYMONTH'] !== undefined ? ofMonth : ofYear;
  const nthWeek = nth.map((place) => Math.sign(place) * Math.ceil(Math.abs(place) / 7));
  const name = WEEKDAYS[date.getUTCDay()] ?? '';
  const weekdays = parts['BYDAY']?.split(',');
  return (
    fits('BYMONTH', [month + 1]) &&
    fits('BYMONTHDAY', ofMonth) &&
    fits('BYYEARDAY', ofYear) &&
    fits('BYWEEKNO', weekNumbers(day, wkst)) &&
    (weekdays === undefined ||
      [name, ...nthWeek.map((week) => `${week}${name}`)].some((each) => weekdays.includes(each)))
  );
}

/** What the rule leaves to its DTSTART. */
function completed(freq: string, written: Parts, start: number): Parts {
  const date = utc(start);
  const parts = { ...written };
  const names = ['BYDAY', 'BYMONTHDAY', 'BYYEARDAY'];
  if (!names.some((name) => parts[name] !== undefined)) {
    if (freq === 'WEEKLY' || parts['BYWEEKNO'] !== undefined) parts['BYDAY'] = WEEKDAYS[date.getUTCDay()];
    else if (freq === 'MONTHLY' || freq === 'YEARLY') parts['BYMONTHDAY'] = String(date.getUTCDate());
    if (freq === 'YEARLY' && parts['BYWEEKNO'] === undefined) parts['BYMONTH'] ??= String(date.getUTCMonth() + 1);
  }
  const unit = UNITS[freq] ?? DAY;
  if (unit > 3_600_000) parts['BYHOUR'] ??= String(date.getUTCHours());
  if (unit > 60_000) parts['BYMINUTE'] ??= String(date.getUTCMinutes());
  if (unit > 1_000) parts['BYSECOND'] ??= String(date.getUTCSeconds());
  return parts;
}

/** The number of the period in which an instant lies, and what names it. */
function periodOf(freq: string, instant: number, wkst: number): number {
  const date = utc(instant);
  if (freq === 'YEARLY') return date.getUTCFullYear();
  if (freq === 'MONTHLY') return date.getUTCFullYear() * 12 + date.getUTCMonth();
  if (freq === 'WEEKLY') return weekStartOf(Math.floor(instant / DAY) * DAY, wkst) / (7 * DAY) - 3 / 7;
  return Math.floor(instant / (UNITS[freq] ?? DAY));
}

/** The fires of `text` (the value of an RRULE without COUNT and UNTIL) from its start to `until`. */
export function byDefinition(text: string, start: number, until: number): number[] {
  const written: Parts = Object.fromEntries(text.split(';').map((part) => part.split('=')));
  const freq = written['FREQ'] ?? '';
  const wkst = WEEKDAYS.indexOf(written['WKST'] ?? 'MO');
  const interval = Number(written['INTERVAL'] ?? 1);
  const parts = completed(freq, written, start);
  const within = (name: string, top: number) =>
    parts[name] === undefined ? [...Array(top).keys()] : numbers(parts[name]);
  const times = within('BYHOUR', 24).flatMap((hour) =>
    within('BYMINUTE', 60).flatMap((minute) =>
      within('BYSECOND', 60).map((second) => (hour * 60 + minute) * 60_000 + second * 1_000),
    ),
  );

  const periods = new Map<number, number[]>();
  const firstPeriod = periodOf(freq, start, wkst);
  // Whole periods at both ends, for BYSETPOS counts in them.
  const margin = ({ YEARLY: 366, MONTHLY: 31, WEEKLY: 7 }[freq] ?? 0) * DAY;
  const from = Math.floor(start / DAY) * DAY - margin;
  for (let day = from; day <= until + margin; day += DAY) {
    if (!dayFits(day, freq, parts, wkst)) continue;
    for (const time of times) {
      const period = periodOf(freq, day + time, wkst);
      if (Math.round(period - firstPeriod) % interval !== 0) continue;
      const known = periods.get(period) ?? [];
      known.push(day + time);
      periods.set(period, known);
    }
  }
  const positions = parts['BYSETPOS'] === undefined ? null : numbers(parts['BYSETPOS']);
  const fires = [...periods.values()].flatMap((set) =>
    positions === null ? set : positions.map((position) => set.at(position > 0 ? position - 1 : position) ?? NaN),
  );
  return [...new Set(fires)].filter((fire) => fire >= start && fire <= until).toSorted((a, b) => a - b);
}
