import { describe, expect, test } from '@jest/globals';
import { describeRule, looksLikeRule } from '../../../src/schedule/rrule/index.js';
import { ruleOf } from './support/rules.js';

/** Saturday 31 January 2026, 09:30 UTC. */
const ANCHOR = Date.UTC(2026, 0, 31, 9, 30);

describe('the words for a rule', () => {
  test.each([
    ['FREQ=DAILY', 'every day at 09:30'],
    ['FREQ=DAILY;INTERVAL=3;BYHOUR=9,14;BYMINUTE=0,30', 'every 3 days at 09:00, 09:30, 14:00 and 14:30'],
    ['FREQ=DAILY;BYMONTH=1,6', 'every day in January and June at 09:30'],
    ['FREQ=WEEKLY', 'every week on Saturday at 09:30'],
    ['FREQ=WEEKLY;BYDAY=FR,TH,WE,TU,MO;BYHOUR=9;BYMINUTE=0', 'every week on weekdays at 09:00'],
    [
      'FREQ=WEEKLY;INTERVAL=2;BYDAY=FR,MO;BYHOUR=9;BYMINUTE=0;COUNT=10',
      'every 2 weeks on Monday and Friday at 09:00, 10 times',
    ],
    ['FREQ=WEEKLY;INTERVAL=2;WKST=SU', 'every 2 weeks on Saturday at 09:30, weeks beginning on Sunday'],
    ['FREQ=MONTHLY;BYDAY=-1FR', 'every month on the last Friday at 09:30'],
    ['FREQ=MONTHLY;BYDAY=2TU,-2MO', 'every month on the 2nd last Monday and the 2nd Tuesday at 09:30'],
    ['FREQ=MONTHLY', 'every month on the 31st at 09:30'],
    ['FREQ=MONTHLY;BYMONTHDAY=1,-1', 'every month on the 1st and the last day at 09:30'],
    ['FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13', 'every month on the 13th if it is Friday at 09:30'],
    [
      'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1',
      'every month on weekdays at 09:30, only the last of these in each month',
    ],
    ['FREQ=YEARLY', 'every year on the 31st in January at 09:30'],
    ['FREQ=YEARLY;BYMONTHDAY=15', 'every year on the 15th of every month at 09:30'],
    ['FREQ=YEARLY;BYMONTH=11;BYDAY=4TH', 'every year on the 4th Thursday in November at 09:30'],
    ['FREQ=YEARLY;BYDAY=20MO', 'every year on the 20th Monday of the year at 09:30'],
    ['FREQ=YEARLY;BYWEEKNO=20,-1', 'every year on Saturday in the last week and week 20 at 09:30'],
    ['FREQ=YEARLY;BYYEARDAY=100', 'every year on the 100th day of the year at 09:30'],
    ['FREQ=HOURLY', 'every hour'],
    ['FREQ=HOURLY;BYMINUTE=0,30;BYHOUR=9,10', 'every hour, in hours 9 and 10, at minutes 0 and 30'],
    ['FREQ=MINUTELY;INTERVAL=20;BYHOUR=9;BYDAY=MO', 'every 20 minutes, on Monday, in hour 9'],
    ['FREQ=DAILY;UNTIL=20261231T235959Z', 'every day at 09:30, until 2026-12-31 UTC'],
    ['FREQ=DAILY;UNTIL=20261231T120000', 'every day at 09:30, until 2026-12-31 12:00'],
    ['FREQ=DAILY\nEXDATE:20260201T093000', 'every day at 09:30, except on the dates left out'],
    ['FREQ=DAILY\nRDATE:20260201T120000,20260201T130000', 'every day at 09:30, and on 2 more dates'],
  ])('%s are "%s"', (text, words) => {
    expect(describeRule(ruleOf(text, 'UTC', ANCHOR))).toBe(words);
  });
});

test.each([
  ['RRULE:FREQ=DAILY', true],
  ['dtstart:20260101T000000Z', true],
  ['DTSTART;TZID=Europe/Lisbon:20260101T000000', true],
  ['EXDATE:x', true],
  ['RDATE:x', true],
  ['freq=daily', true],
  ['daily', false],
  ['30 9 * * *', false],
  ['frequency', false],
])('"%s" looks like a rule: %s', (text, expected) => {
  expect(looksLikeRule(text)).toBe(expected);
});
