import { describe, expect, test } from '@jest/globals';
import { recurrenceOf, refusalOf } from './support/rules.js';

const aSentence = /^[A-Z].{15,400}[.?]$/;

describe('the value of an RRULE', () => {
  test.each([
    ['RRULE:', /empty part/],
    ['RRULE:INTERVAL=2', /no FREQ/],
    ['FREQ=', /"FREQ=".*not a name/],
    ['FREQ=FORTNIGHTLY', /FREQ=FORTNIGHTLY.*FREQ takes SECONDLY.*YEARLY/],
    ['FREQ=DAILY hello', /FREQ=DAILY HELLO/],
    ['FREQ=DAILY;', /empty part/],
    ['FREQ=DAILY;;COUNT=1', /empty part/],
    ['FREQ=DAILY;COUNT', /"COUNT".*not a name/],
    ['FREQ=DAILY;FREQ=DAILY', /FREQ twice/],
    ['FREQ=DAILY;BYHOUR=1;BYHOUR=2', /BYHOUR twice/],
    ['FREQ=WEEKLY;BYWEEKDAY=MO', /"BYWEEKDAY"; did you mean BYDAY\?/],
    ['FREQ=WEEKLY;COLOUR=RED', /no part "COLOUR".*it takes FREQ, INTERVAL/],
    ['FREQ=WEEKLY;CONSTRUCTOR=1', /no part "CONSTRUCTOR"/],
    ['FREQ=WEEKLY;RSCALE=GREGORIAN', /RSCALE .*not supported/],
    ['FREQ=WEEKLY;SKIP=OMIT', /SKIP .*not supported/],
    ['DTSTART:20260101T090000Z\nRRULE:FREQ=DAILY;COUNT=2;UNTIL=20270101T000000Z', /both COUNT and UNTIL/],
    ['FREQ=DAILY;COUNT=0', /COUNT=0.*1 to 10000/],
    ['FREQ=DAILY;COUNT=-1', /COUNT takes/],
    ['FREQ=DAILY;COUNT=10001', /COUNT takes a whole number from 1 to 10000/],
    ['FREQ=DAILY;INTERVAL=0', /INTERVAL takes/],
    ['FREQ=DAILY;INTERVAL=1.5', /INTERVAL takes/],
    ['FREQ=DAILY;INTERVAL=10001', /1 to 10000/],
    ['FREQ=DAILY;INTERVAL=1e3', /INTERVAL takes/],
    ['FREQ=DAILY;WKST=XX', /WKST takes/],
    ['FREQ=DAILY;BYSECOND=60', /leap seconds/],
    ['FREQ=DAILY;BYSECOND=61', /BYSECOND does not take "61".*0 to 59/],
    ['FREQ=DAILY;BYMINUTE=60', /BYMINUTE does not take "60"/],
    ['FREQ=DAILY;BYHOUR=24', /BYHOUR does not take "24".*0 to 23/],
    ['FREQ=DAILY;BYHOUR=-1', /BYHOUR does not take "-1"/],
    ['FREQ=DAILY;BYHOUR=9,,10', /BYHOUR does not take ""/],
    ['FREQ=DAILY;BYHOUR=9, 10', /BYHOUR does not take " 10"/],
    ['FREQ=MONTHLY;BYMONTHDAY=0', /BYMONTHDAY does not take "0".*-31 to -1/],
    ['FREQ=MONTHLY;BYMONTHDAY=32', /BYMONTHDAY does not take "32"/],
    ['FREQ=YEARLY;BYYEARDAY=367', /BYYEARDAY does not take "367"/],
    ['FREQ=YEARLY;BYWEEKNO=54', /BYWEEKNO does not take "54"/],
    ['FREQ=YEARLY;BYMONTH=0', /BYMONTH does not take "0"/],
    ['FREQ=YEARLY;BYMONTH=JAN', /BYMONTH does not take "JAN"/],
    ['FREQ=YEARLY;BYMONTH=1;BYSETPOS=0', /BYSETPOS does not take "0"/],
    ['FREQ=YEARLY;BYDAY=54MO', /BYDAY does not take "54MO"/],
    ['FREQ=YEARLY;BYDAY=0MO', /BYDAY does not take "0MO"/],
    ['FREQ=WEEKLY;BYDAY=MONDAY', /BYDAY does not take "MONDAY"/],
    ['FREQ=WEEKLY;BYDAY=1MO', /BYDAY takes a number \(1MO\) with FREQ=MONTHLY and FREQ=YEARLY only/],
    ['FREQ=YEARLY;BYWEEKNO=2;BYDAY=1MO', /beside BYWEEKNO/],
    ['FREQ=MONTHLY;BYWEEKNO=2', /BYWEEKNO cannot stand with FREQ=MONTHLY/],
    ['FREQ=DAILY;BYYEARDAY=2', /BYYEARDAY cannot stand with FREQ=DAILY/],
    ['FREQ=WEEKLY;BYMONTHDAY=2', /BYMONTHDAY cannot stand with FREQ=WEEKLY/],
    ['FREQ=MONTHLY;BYSETPOS=1', /BYSETPOS picks/],
    [`FREQ=DAILY;BYHOUR=${Array(65).fill('1').join()}`, /BYHOUR has 65 values: at most 64/],
    ['FREQ=DAILY;UNTIL=tomorrow', /UNTIL takes a day and time that exist/],
    ['FREQ=DAILY;UNTIL=20260230T000000', /UNTIL takes/],
    ['FREQ=DAILY;UNTIL=20260101T240000', /UNTIL takes/],
    ['FREQ=DAILY;UNTIL=20260101T000060', /UNTIL takes/],
    ['FREQ=DAILY;UNTIL=20261231', /UNTIL is a date.*UNTIL=20261231T235959/],
  ])('%s is refused', (text, message) => {
    expect(refusalOf(text)).toMatch(message);
    expect(refusalOf(text)).toMatch(aSentence);
  });
});

describe('the lines', () => {
  test.each([
    ['DTSTART:20260101T090000Z', /no RRULE line/],
    ['RRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY', /two RRULE lines/],
    ['FREQ=DAILY\nFREQ=WEEKLY', /two RRULE lines/],
    ['RRULE;X=1:FREQ=DAILY', /RRULE takes no parameters/],
    ['RRULE:FREQ=DAILY\nhello', /line "hello"/],
    ['RRULE:FREQ=DAILY\\nEXDATE:20260101T000000Z', /FREQ=DAILY\\NEXDATE/],
    ['RRULE:FREQ=DAILY\nEXRULE:FREQ=WEEKLY', /EXRULE is not supported/],
    ['RRULE:FREQ=DAILY\nDTEND:20260101T090000Z', /DTEND is not supported/],
    ['RRULE:FREQ=DAILY\nSUMMARY:x', /line "SUMMARY"/],
    ['RRULE:FREQ=DAILY\nDTSTART:20260101T090000Z\nDTSTART:20260101T090000Z', /more than one DTSTART/],
    ['RRULE:FREQ=DAILY\nDTSTART:20260101T090000Z,20260102T090000Z', /more than one DTSTART/],
    ['RRULE:FREQ=DAILY\nDTSTART:20260101', /DTSTART;VALUE=DATE:20260101/],
    ['RRULE:FREQ=DAILY\nDTSTART;VALUE=DATE:20260101T090000', /VALUE=DATE, and/],
    ['RRULE:FREQ=DAILY\nDTSTART:19691231T090000', /from 1970 on/],
    ['RRULE:FREQ=DAILY\nDTSTART:20260229T090000', /days and times that exist/],
    ['RRULE:FREQ=DAILY\nDTSTART;TZID=Mars/Olympus:20260101T090000', /In DTSTART: .*"Mars\/Olympus" does not exist/],
    ['RRULE:FREQ=DAILY\nDTSTART;TZID=Europe/Lisbon:20260101T090000Z', /TZID.*is UTC/],
    ['RRULE:FREQ=DAILY\nDTSTART;TZID=Europe/Lisbon;VALUE=DATE:20260101', /dates have no time zone/],
    ['RRULE:FREQ=DAILY\nDTSTART;RANGE=THIS:20260101T090000', /parameter "RANGE=THIS"/],
    ['RRULE:FREQ=DAILY\nRDATE;VALUE=PERIOD:20260101T090000Z/PT1H', /periods is not supported/],
    ['RRULE:FREQ=DAILY\nRDATE:20260101T090000Z/PT1H', /periods is not supported/],
    ['RRULE:FREQ=DAILY\nEXDATE:', /EXDATE does not take ""/],
    [`RRULE:FREQ=DAILY\nEXDATE:${Array(501).fill('20260101T090000').join()}`, /501 dates.*at most 500/],
    ['RRULE:FREQ=DÄILY', /not plain ASCII/],
    ['DTSTART:20260101T090000\nRRULE:FREQ=DAILY;UNTIL=20270101T090000Z', /local time, as DTSTART is/],
    ['DTSTART:20260101T090000Z\nRRULE:FREQ=DAILY;UNTIL=20270101T090000', /UNTIL must be in UTC/],
    ['DTSTART:20260101T090000Z\nRRULE:FREQ=DAILY;UNTIL=20270101', /UNTIL is a date and DTSTART is not/],
    ['DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY;UNTIL=20270101T090000', /UNTIL must be a date/],
    ['DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY;BYHOUR=9', /BYHOUR cannot stand with a DTSTART that is a date/],
    ['DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=HOURLY', /FREQ=HOURLY cannot stand/],
    ['DTSTART:20260101T090000Z\nRRULE:FREQ=DAILY;UNTIL=20250101T090000Z', /UNTIL is before DTSTART/],
    ['DTSTART:20260101T090000Z\nRRULE:FREQ=DAILY\nRDATE:20251231T090000Z', /RDATE names a time before DTSTART/],
    ['FREQ=DAILY;COUNT=3', /^COUNT needs a beginning: add DTSTART or executionTime\.$/],
  ])('%s are refused', (text, message) => {
    expect(refusalOf(text)).toMatch(message);
    expect(refusalOf(text)).toMatch(aSentence);
  });
});

const all = (size: number): string => [...Array(size).keys()].join();

describe('a rule that never fires, or seldom, is known for it soon', () => {
  test.each([
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30'],
    ['FREQ=MONTHLY;BYDAY=6MO'],
    ['FREQ=YEARLY;BYWEEKNO=1;BYMONTH=6;BYDAY=MO'],
    ['FREQ=DAILY;INTERVAL=7;BYDAY=MO'],
    ['FREQ=HOURLY;INTERVAL=24;BYHOUR=3'],
    ['FREQ=SECONDLY;INTERVAL=2;BYSECOND=1,3,5'],
    ['FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30;BYHOUR=3'],
    ['FREQ=SECONDLY;INTERVAL=7;BYDAY=MO;BYHOUR=0,7,14,21;BYMINUTE=0,7,14,21;BYSECOND=1,8,15'],
    [`FREQ=MINUTELY;INTERVAL=9999;BYYEARDAY=366;BYHOUR=3;BYMINUTE=7`],
    ['DTSTART:20260101T000000\nRRULE:FREQ=DAILY;COUNT=1\nEXDATE:20260101T000000'],
  ])('%s is refused', (text) => {
    for (const zone of ['UTC', 'Europe/Lisbon']) expect(refusalOf(text, zone)).toMatch(/never fires/);
  });

  test('BYSETPOS picks from a bounded number of times', () => {
    const many = `FREQ=YEARLY;BYDAY=MO;BYHOUR=${all(24)};BYMINUTE=${all(60)};BYSETPOS=1`;
    expect(refusalOf(many)).toMatch(/^BYSETPOS would pick from up to 527040 times at once, and at most 10000/);
  });

  test.each([
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO', '2016-02-29T00:00:00.000Z'],
    ['FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=29;BYHOUR=3;BYMINUTE=7;BYSECOND=9', '2000-02-29T03:07:09.000Z'],
    [`FREQ=WEEKLY;BYDAY=MO,TU;BYHOUR=${all(24)};BYMINUTE=${all(59)};BYSETPOS=-1`, '2000-01-04T23:58:00.000Z'],
  ])('%s has its first fire at %s', (text, first) => {
    expect(new Date(recurrenceOf(text).next(0) ?? NaN).toISOString()).toBe(first);
  });
});
