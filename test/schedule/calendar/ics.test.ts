import { describe, expect, test } from '@jest/globals';
import { readIcs, type IcsDays } from '../../../src/schedule/calendar/index.js';
import { google, nager, outlook, rules } from './support/ics-samples.js';

function read(text: string): IcsDays {
  const answer = readIcs(text);
  if (!answer.ok) throw new Error(answer.message);
  return answer.value;
}

/** The days of a file as "2026-12-25 Christmas", ranges as "2026-12-25/2026-12-26". */
function days(text: string): string[] {
  return read(text).ranges.map(({ from, to, name }) => [from === to ? from : `${from}/${to}`, name].join(' ').trim());
}

const file = (...events: string[][]) =>
  ['BEGIN:VCALENDAR', ...events.flatMap((lines) => ['BEGIN:VEVENT', ...lines, 'END:VEVENT']), 'END:VCALENDAR', ''].join(
    '\r\n',
  );
const refusal = (...events: string[][]) => {
  const answer = readIcs(file(...events));
  return answer.ok ? 'was taken' : answer.message;
};

describe('the file of', () => {
  test('Google is read, TRANSPARENT or not', () => {
    expect(days(google)).toEqual([
      '2026-12-08 Feast of the Immaculate Conception, a day with a rather long name in this file',
      '2026-12-25 Christmas Day',
    ]);
    expect(read(google)).toMatchObject({ days: 2, ignored: 0, endless: false });
  });

  test('Outlook is read, with its byte order mark and its midnights; a meeting is left out', () => {
    expect(days(outlook)).toEqual(["2026-01-01 New Year's Day", '2026-06-06 Plant closed']);
    expect(read(outlook).ignored).toBe(1);
  });

  test('Nager is read', () => {
    expect(days(nager)).toEqual(['2026-04-03 Karfreitag', '2026-10-03 Tag der Deutschen Einheit']);
  });

  test('a desktop calendar is read, with its rules', () => {
    expect(days(rules)).toEqual([
      '2024-11-28 Thanksgiving',
      '2025-11-27 Thanksgiving',
      '2026-11-26 Thanksgiving',
      '2027-11-25 Thanksgiving',
      '2024-11-05 Election Day',
      '2026-11-03 Election Day',
      '2028-11-07 Election Day',
    ]);
  });

  test('several calendars after one another is read as one', () => {
    expect(days(nager + rules)).toHaveLength(9);
  });
});

describe('an all-day event', () => {
  test.each([
    ['without an end is one day', ['DTSTART;VALUE=DATE:20261224'], ['2026-12-24']],
    ['with only eight digits is one too', ['DTSTART:20261224'], ['2026-12-24']],
    ['ends before its DTEND', ['DTSTART;VALUE=DATE:20261224', 'DTEND;VALUE=DATE:20261227'], ['2026-12-24/2026-12-26']],
    [
      'that ends on its own day is one day',
      ['DTSTART;VALUE=DATE:20261224', 'DTEND;VALUE=DATE:20261224'],
      ['2026-12-24'],
    ],
    ['may have a DURATION in weeks', ['DTSTART;VALUE=DATE:20261224', 'DURATION:P1W'], ['2026-12-24/2026-12-30']],
    ['begins at the latest in 1970', ['DTSTART;VALUE=DATE:19691230', 'DURATION:P4D'], ['1970-01-01/1970-01-02']],
    [
      'has its RDATEs',
      ['DTSTART;VALUE=DATE:20260101', 'RDATE;VALUE=DATE:20270105,20280106'],
      ['2026-01-01', '2027-01-05', '2028-01-06'],
    ],
    ['recurs yearly', ['DTSTART;VALUE=DATE:20260101', 'RRULE:FREQ=YEARLY;COUNT=2'], ['2026-01-01', '2027-01-01']],
    [
      'on 29 February recurs in leap years',
      ['DTSTART;VALUE=DATE:20240229', 'RRULE:FREQ=YEARLY;UNTIL=20330101'],
      ['2024-02-29', '2028-02-29', '2032-02-29'],
    ],
    [
      'recurs on the last Monday of May',
      ['DTSTART;VALUE=DATE:20260525', 'RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO;COUNT=3'],
      ['2026-05-25', '2027-05-31', '2028-05-29'],
    ],
    [
      'recurs on the last day of some months',
      ['DTSTART;VALUE=DATE:20280131', 'RRULE:FREQ=YEARLY;BYMONTH=1,2;BYMONTHDAY=-1;COUNT=4'],
      ['2028-01-31', '2028-02-29', '2029-01-31', '2029-02-28'],
    ],
    [
      'skips its EXDATEs',
      ['DTSTART;VALUE=DATE:20260101', 'RRULE:FREQ=YEARLY;COUNT=3', 'EXDATE;VALUE=DATE:20260101,20280101'],
      ['2027-01-01'],
    ],
    [
      'takes UNTIL and EXDATE with a time by their date',
      ['DTSTART;VALUE=DATE:20260101', 'RRULE:FREQ=YEARLY;UNTIL=20280101T235959Z', 'EXDATE:20270101T000000'],
      ['2026-01-01', '2028-01-01'],
    ],
    // RFC 5545 section 3.8.5.3.
    [
      'counts its beginning, even when the rule does not match it',
      ['DTSTART;VALUE=DATE:20260101', 'RRULE:FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1;COUNT=2'],
      ['2026-01-01', '2026-05-01'],
    ],
  ])('%s', (_, lines, expected) => {
    expect(days(file(lines))).toEqual(expected);
  });

  test('that recurs without end is written out through 2100', () => {
    const answer = read(file(['DTSTART;VALUE=DATE:16010101', 'RRULE:FREQ=YEARLY;INTERVAL=1']));
    expect([answer.ranges[0]?.from, answer.ranges.at(-1)?.to, answer.days]).toEqual(['1970-01-01', '2100-01-01', 131]);
    expect(answer.endless).toBe(true);
  });

  test('has a name on one line, of at most 100 characters', () => {
    const [name = ''] = read(
      file(['DTSTART:20260101', `SUMMARY:a\\n\tb\\,\u0007${'x'.repeat(92)}\u{1F384}${'y'.repeat(9)}`]),
    ).ranges.map((range) => range.name);
    expect(name).toBe(`a b, ${'x'.repeat(92)}...`);
  });
});

describe('an occurrence', () => {
  const series = ['UID:a', 'DTSTART;VALUE=DATE:20260101', 'RRULE:FREQ=YEARLY;COUNT=3', 'SUMMARY:Inventory'];

  test('moves to the day of the event that stands for it', () => {
    const moved = ['UID:a', 'RECURRENCE-ID;VALUE=DATE:20270101', 'DTSTART;VALUE=DATE:20270104', 'SUMMARY:Later'];
    expect(days(file(series, moved))).toEqual(['2026-01-01 Inventory', '2028-01-01 Inventory', '2027-01-04 Later']);
    expect(days(file(series, ['UID:b', ...moved.slice(1)]))).toContain('2027-01-01 Inventory');
  });

  test('that is cancelled does not take place', () => {
    const cancelled = ['UID:a', 'RECURRENCE-ID;VALUE=DATE:20270101', 'DTSTART;VALUE=DATE:20270101', 'STATUS:CANCELLED'];
    expect(days(file(series, cancelled))).toEqual(['2026-01-01 Inventory', '2028-01-01 Inventory']);
  });
});

test('timed and cancelled events, those without a beginning and those before 1970 are left out and counted', () => {
  const answer = read(
    file(
      ['DTSTART;VALUE=DATE:20260101'],
      ['DTSTART:20260102T100000Z'],
      ['DTSTART;TZID=Europe/Lisbon:20260103T000000'],
      ['DTSTART;VALUE=DATE:20260104', 'STATUS:CANCELLED'],
      ['SUMMARY:nothing'],
      ['DTSTART;VALUE=DATE:19690101'],
    ),
  );
  expect(answer).toEqual({ ranges: [{ from: '2026-01-01', to: '2026-01-01' }], days: 1, ignored: 5, endless: false });
});

describe('a file is refused, with a sentence,', () => {
  const start = 'DTSTART;VALUE=DATE:20260101';
  const event = 'The event "x" of the iCalendar file is not understood.';
  test.each([
    [
      'without an all-day event',
      [['DTSTART:20260102T100000Z']],
      'The iCalendar file has no all-day event, and only whole days make a calendar: check what was exported.',
    ],
    [
      'without an event',
      [],
      'The iCalendar file has no all-day event, and only whole days make a calendar: check what was exported.',
    ],
    [
      'with a day that does not exist',
      [['DTSTART;VALUE=DATE:20260230', 'SUMMARY:x']],
      `${event} The date "2026-02-30" does not exist: that month has 28 days.`,
    ],
    [
      'with a range backwards',
      [[start, 'DTEND;VALUE=DATE:20251225', 'SUMMARY:x']],
      `${event} The range ends on 2025-12-24, before it begins on 2026-01-01: did you mean the other way round?`,
    ],
    [
      'with an event of eleven years',
      [[start, 'DURATION:P4000D', 'SUMMARY:x']],
      `${event} The range has 4000 days, and at most 3660 (ten years) are taken: check its years.`,
    ],
    [
      'with a length that is none',
      [[start, 'DURATION:PX', 'SUMMARY:x']],
      `${event} Its DURATION is not a length of time: write days, as in P1D.`,
    ],
    [
      'with a weekly rule',
      [[start, 'RRULE:FREQ=WEEKLY', 'SUMMARY:x']],
      `${event} The recurrence rule has FREQ=WEEKLY, and only FREQ=YEARLY is read: write days of the week as weekdays.`,
    ],
    [
      'with a rule of seconds',
      [[start, 'RRULE:FREQ=SECONDLY', 'SUMMARY:x']],
      `${event} The recurrence rule has FREQ=SECONDLY, and only FREQ=YEARLY is read: write days of the week as weekdays.`,
    ],
    [
      'with BYSETPOS',
      [[start, 'RRULE:FREQ=YEARLY;BYMONTH=1;BYDAY=MO;BYSETPOS=1', 'SUMMARY:x']],
      `${event} The recurrence rule has BYSETPOS, and only BYMONTH, BYMONTHDAY and BYDAY are read: write its days out.`,
    ],
    [
      'with a weekday of the year',
      [[start, 'RRULE:FREQ=YEARLY;BYDAY=20MO', 'SUMMARY:x']],
      `${event} The recurrence rule counts weekdays from the beginning of the year: give it a BYMONTH.`,
    ],
    [
      'with a count of none',
      [[start, 'RRULE:FREQ=YEARLY;COUNT=0', 'SUMMARY:x']],
      `${event} The recurrence rule has COUNT=0: it must be 1 or more.`,
    ],
    [
      'with EXRULE',
      [[start, 'EXRULE:FREQ=YEARLY', 'SUMMARY:x']],
      `${event} EXRULE is not read, RFC 5545 has given it up: use EXDATE.`,
    ],
    [
      'with a wrong rule',
      [[start, 'RRULE:FREQ=YEARLY;BYDAY=XX']],
      'The iCalendar file is not understood (invalid BYDAY value "XX"): is it complete?',
    ],
  ])('%s', (_, events, message) => {
    expect(refusal(...events)).toBe(message);
  });

  test('when it is cut off', () => {
    const answer = readIcs(google.slice(0, -30));
    expect(answer.ok ? '' : answer.message).toMatch(/^The iCalendar file is not understood \(.*\): is it complete\?$/);
  });
});
