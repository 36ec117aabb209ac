/** Says in words what a recurrence rule means, so that a person can see whether it was understood as meant. */
import { DAY, HOUR, MINUTE, SECOND } from '../limits.js';
import { clock, inWords, monthNames, ordinal, plural, weekdayNames } from '../words.js';
import { isAsFineAs, timesOfDay } from './implied.js';
import { weekdayOf } from './days.js';
import type { NthWeekday, NumberPart, RecurrenceRule, RuleFrequency, RuleValue } from './types.js';

const SPELLED_TIMES = 6;

const UNITS: Record<RuleFrequency, string> = {
  SECONDLY: 'second',
  MINUTELY: 'minute',
  HOURLY: 'hour',
  DAILY: 'day',
  WEEKLY: 'week',
  MONTHLY: 'month',
  YEARLY: 'year',
};

/** The rule in words, without its time zone and beginning: "every month on the last Friday at 09:30". */
export function describeRule({ rule, start, added, excluded }: RecurrenceRule): string {
  const { freq, interval, by, count } = rule;
  const unit = UNITS[freq];
  return [
    `every ${interval === 1 ? unit : `${interval} ${unit}s`}`,
    dayPhrase(rule, start.wall),
    monthPhrase(rule, start.wall),
    timePhrase(rule, start.wall),
    by.BYSETPOS === undefined ? '' : `, only the ${inWords(by.BYSETPOS.map(position))} of these in each ${unit}`,
    weekStartPhrase(rule),
    count === null ? '' : `, ${plural(count, 'time')}`,
    untilPhrase(rule),
    added.length === 0 ? '' : `, and on ${plural(added.length, 'more date')}`,
    excluded.length === 0 ? '' : ', except on the dates left out',
  ].join('');
}

/** 1st, last, 2nd last. */
function position(nth: number): string {
  if (nth > 0) return ordinal(nth);
  return nth === -1 ? 'last' : `${ordinal(-nth)} last`;
}

/** Each part narrows the days of the others; where none is written, the start says which. */
function dayPhrase(rule: RuleValue, startWall: number): string {
  const { freq, byDay, by } = rule;
  const start = new Date(startWall);
  const phrases: string[] = [];
  if (by.BYYEARDAY !== undefined) phrases.push(`on the ${inWords(by.BYYEARDAY.map(position))} day of the year`);
  if (by.BYMONTHDAY !== undefined) phrases.push(`on ${monthDays(by.BYMONTHDAY, rule)}`);
  if (byDay.length > 0) phrases.push(weekdayPhrase(byDay, rule, phrases.length > 0));
  if (by.BYWEEKNO !== undefined) {
    if (phrases.length === 0) phrases.push(`on ${startWeekday(startWall)}`);
    phrases.push(
      `in ${inWords(by.BYWEEKNO.map((week) => (week > 0 ? `week ${week}` : `the ${position(week)} week`)))}`,
    );
  }
  if (phrases.length === 0 && freq === 'WEEKLY') phrases.push(`on ${startWeekday(startWall)}`);
  if (phrases.length === 0 && (freq === 'MONTHLY' || freq === 'YEARLY')) {
    phrases.push(`on ${monthDays([start.getUTCDate()], { ...rule, by: { ...by, BYMONTH: [] } })}`);
  }
  return phrases.map((phrase) => `${isAsFineAs(freq, 'HOURLY') ? ', ' : ' '}${phrase}`).join('');
}

const startWeekday = (startWall: number): string => weekdayNames[weekdayOf(Math.floor(startWall / DAY))] ?? '';

/** "the 13th", "the 1st and the last day", with "of every month" where a yearly rule names no month. */
function monthDays(days: readonly number[], { freq, by }: RuleValue): string {
  const fromEnd = days.filter((day) => day < 0).toReversed();
  const named = [
    ...days.filter((day) => day > 0).map((day) => `the ${ordinal(day)}`),
    ...fromEnd.map((day) => `the ${position(day)} day`),
  ];
  return `${inWords(named)}${freq !== 'MONTHLY' && by.BYMONTH === undefined ? ' of every month' : ''}`;
}

function weekdayPhrase(byDay: readonly NthWeekday[], { freq, by }: RuleValue, narrowing: boolean): string {
  const counted = byDay.some(({ nth }) => nth !== 0);
  const whole = freq === 'YEARLY' && by.BYMONTH === undefined ? ' of the year' : '';
  const inOrder = byDay.toSorted((a, b) => a.nth - b.nth || ((a.weekday + 6) % 7) - ((b.weekday + 6) % 7));
  const names = inOrder.map(({ nth, weekday }) => {
    const name = weekdayNames[weekday] ?? '';
    if (nth === 0) return counted ? `every ${name}` : name;
    return `the ${position(nth)} ${name}${whole}`;
  });
  const isWeekdays = !counted && names.join() === weekdayNames.slice(1, 6).join();
  return `${narrowing ? 'if it is' : 'on'} ${isWeekdays ? 'weekdays' : inWords([...new Set(names)])}`;
}

function monthPhrase({ freq, byDay, by }: RuleValue, startWall: number): string {
  const others =
    byDay.length > 0 || by.BYMONTHDAY !== undefined || by.BYYEARDAY !== undefined || by.BYWEEKNO !== undefined;
  const implied = freq === 'YEARLY' && !others ? [new Date(startWall).getUTCMonth() + 1] : undefined;
  const months = by.BYMONTH ?? implied;
  if (months === undefined) return '';
  return `${isAsFineAs(freq, 'HOURLY') ? ',' : ''} in ${inWords(months.map((month) => monthNames[month - 1] ?? ''))}`;
}

/** Times of the clock where the rule names them all, else the parts that narrow the rhythm. */
function timePhrase(rule: RuleValue, startWall: number): string {
  const { freq, by } = rule;
  const list = (part: NumberPart, unit: string) => {
    const values = by[part];
    return values === undefined ? '' : `${unit}${values.length === 1 ? '' : 's'} ${inWords(values.map(String))}`;
  };
  if (isAsFineAs(freq, 'HOURLY')) {
    // Finer units are listed within each step, coarser ones narrow the steps.
    const within = (unit: RuleFrequency) => (isAsFineAs(freq, unit) ? 'in' : 'at');
    const lists = [
      [list('BYHOUR', 'hour'), 'in'],
      [list('BYMINUTE', 'minute'), within('MINUTELY')],
      [list('BYSECOND', 'second'), within('SECONDLY')],
    ];
    return lists.map(([text, word]) => (text === '' ? '' : `, ${word} ${text}`)).join('');
  }
  const times = timesOfDay(rule, startWall);
  if (times.length <= SPELLED_TIMES) {
    return ` at ${inWords(times.map((time) => clock(Math.floor(time / HOUR), Math.floor((time % HOUR) / MINUTE), Math.floor((time % MINUTE) / SECOND), time % SECOND)))}`;
  }
  const start = new Date(startWall);
  const minutes = list('BYMINUTE', 'minute') || `minute ${start.getUTCMinutes()}`;
  const hours = list('BYHOUR', 'hour') || `hour ${start.getUTCHours()}`;
  const seconds = by.BYSECOND === undefined ? '' : ` and ${list('BYSECOND', 'second')}`;
  return ` at ${minutes}${seconds} of ${hours}`;
}

/** The day on which weeks begin, where it makes a difference. */
function weekStartPhrase({ freq, interval, by, weekStart }: RuleValue): string {
  const matters = (freq === 'WEEKLY' && (interval > 1 || by.BYSETPOS !== undefined)) || by.BYWEEKNO !== undefined;
  return matters && weekStart !== 1 ? `, weeks beginning on ${weekdayNames[weekStart]}` : '';
}

function untilPhrase({ until }: RuleValue): string {
  if (until === null) return '';
  const [date = '', time = ''] = new Date(until.wall).toISOString().split('T');
  const at = until.form === 'date' || time.startsWith('23:59:59') ? '' : ` ${time.replace(/(:00)?\.000Z$/, '')}`;
  return `, until ${date}${at}${until.timeZone === 'UTC' ? ' UTC' : ''}`;
}
