/** What a rule does not name and takes from its DTSTART (RFC 5545 3.3.10), written out. */
import { DAY, HOUR, MINUTE, SECOND } from '../limits.js';
import { weekdayOf, type DayParts } from './days.js';
import { frequencies, type RuleFrequency, type RuleValue } from './types.js';

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, n) => from + n);
const EVERY_WEEKDAY = range(0, 6).map((weekday) => ({ nth: 0, weekday }));

/** Whether a frequency is as fine as another, or finer: HOURLY is as fine as DAILY. */
export function isAsFineAs(freq: RuleFrequency, other: RuleFrequency): boolean {
  return frequencies.indexOf(freq) <= frequencies.indexOf(other);
}

/** The date parts of a rule as those of a yearly one without an interval, which names the same days. */
export function dayParts({ freq, byDay, by, weekStart }: RuleValue, startWall: number): DayParts {
  const start = new Date(startWall);
  const names = (...parts: (keyof typeof by)[]) => parts.some((part) => by[part] !== undefined);
  const sameWeekday = [{ nth: 0, weekday: weekdayOf(Math.floor(startWall / DAY)) }];
  const sameDay = { ...by, BYMONTHDAY: [start.getUTCDate()] };

  if (byDay.length > 0) {
    // The first Monday of a month, not of the year.
    const inMonths = freq === 'MONTHLY' && by.BYMONTH === undefined ? { ...by, BYMONTH: range(1, 12) } : by;
    return { byDay, by: inMonths, weekStart };
  }
  if (names('BYMONTHDAY', 'BYYEARDAY')) return { byDay, by, weekStart };
  if (freq === 'YEARLY' && !names('BYWEEKNO')) {
    return { byDay, by: { BYMONTH: [start.getUTCMonth() + 1], ...sameDay }, weekStart };
  }
  if (freq === 'MONTHLY') return { byDay, by: sameDay, weekStart };
  return { byDay: isAsFineAs(freq, 'DAILY') ? EVERY_WEEKDAY : sameWeekday, by, weekStart };
}

/**
 * The times of a day, ascending, in milliseconds since midnight. Without BYSECOND they have the milliseconds of the
 * start too, which an execution time may have.
 */
export function timesOfDay({ freq, by }: RuleValue, startWall: number): number[] {
  const start = new Date(startWall);
  const hours = by.BYHOUR ?? (isAsFineAs(freq, 'HOURLY') ? range(0, 23) : [start.getUTCHours()]);
  const minutes = by.BYMINUTE ?? (isAsFineAs(freq, 'MINUTELY') ? range(0, 59) : [start.getUTCMinutes()]);
  const seconds = by.BYSECOND ?? (freq === 'SECONDLY' ? range(0, 59) : [start.getUTCSeconds()]);
  const rest = by.BYSECOND === undefined ? start.getUTCMilliseconds() : 0;
  return hours.flatMap((hour) =>
    minutes.flatMap((minute) => seconds.map((second) => hour * HOUR + minute * MINUTE + second * SECOND + rest)),
  );
}
