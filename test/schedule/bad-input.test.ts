import { describe, expect, test } from '@jest/globals';
import { parseSchedule } from '../../src/schedule/index.js';
import { problemsOf } from './support/schedules.js';

/** One sentence a user can act on: not empty, not endless, with an end. */
const aSentence = /^[A-Z"].{20,700}[.?]$/;

describe('a frequency', () => {
  test.each([
    ['', /is empty/],
    ['   ', /is empty/],
    // the wrong number of fields
    ['* * * *', /has 4 fields: write 5 .*or 6/],
    ['*', /has 1 field:/],
    ['0 0 1 1 * * 2027', /has 7 fields.*A year field is not supported/],
    ['* * * * * * * *', /has 8 fields/],
    ['5', /has 1 field:/],
    // a field out of range or misspelt
    ['60 * * * *', /minute field "60".*0 to 59/],
    ['60 * * * * *', /second field "60"/],
    ['0 24 * * *', /hour field "24".*0 to 23/],
    ['0 0 0 * *', /day-of-month field "0"/],
    ['0 0 32 * *', /day-of-month field "32"/],
    ['0 0 * 0 *', /month field "0"/],
    ['0 0 * 13 *', /month field "13"/],
    ['0 0 * FOO *', /month field "FOO".*JAN to DEC/],
    ['0 0 * * 8', /day-of-week field "8".*Sunday/],
    ['0 0 * * FUNDAY', /day-of-week field "FUNDAY"/],
    ['0 0 * * MON-', /day-of-week field "MON-"/],
    ['0 0 * * +MON', /day-of-week field "\+MON"/],
    ['0 0 * * 1#6', /day-of-week field "1#6"/],
    ['0 0 * * 1#0', /day-of-week field "1#0"/],
    ['0 0 L-3 * *', /day-of-month field "L-3"/],
    ['0 0 32W * *', /day-of-month field "32W"/],
    ['15W * * * *', /is not understood/],
    ['*/0 * * * *', /minute field "\*\/0"/],
    ['*/61 * * * *', /minute field "\*\/61"/],
    ['*/-5 * * * *', /minute field/],
    ['-5 * * * *', /minute field "-5"/],
    ['5-1 * * * *', /minute field "5-1"/],
    ['1,,2 * * * *', /minute field "1,,2"/],
    ['1, * * * *', /minute field "1,"/],
    ['1.5 * * * *', /minute field "1.5"/],
    ['0x5 * * * *', /minute field "0x5"/],
    ['1e1 * * * *', /minute field "1e1"/],
    ['? * * * *', /minute field "\?"/],
    ['H * * * *', /minute field "H"/],
    ['** * * * *', /minute field "\*\*"/],
    // never fires
    ['0 0 30 2 *', /never fires/],
    ['0 0 31 2,4,6,9,11 *', /never fires/],
    ['0 0 30W 2 *', /never fires/],
    // nicknames
    ['@reboot', /names no time.*@hourly/],
    ['@fortnightly', /not a cron nickname/],
    ['@daily * * * *', /not a cron nickname/],
    ['@', /not a cron nickname/],
    // words
    ['dayly', /did you mean "daily"/],
    ['weekley', /did you mean "weekly"/],
    ['Montly', /did you mean "monthly"/],
    ['weekday', /did you mean "weekdays"/],
    ['quaterly', /did you mean "quarterly"/],
    ['annually', /use "yearly"/],
    ['fortnightly', /use "every 2 weeks"/],
    ['every weekday', /use "weekdays"/],
    ['sometimes', /is not understood.*keyword.*interval.*cron/],
    ['constructor', /is not understood/],
    ['__proto__', /is not understood/],
    ['hello new world of jobs', /is not understood/],
    ['RRULE:FREQ=DAILY', /RFC 5545.*not supported/],
    // intervals
    ['every', /interval "every" is not understood/],
    ['every 0 minutes', /shorter than one second/],
    ['every 00 days', /shorter than one second/],
    ['every -5 minutes', /is not understood/],
    ['every 1.5 hours', /is not understood/],
    ['every 15 min', /is not understood.*seconds, minutes, hours/],
    ['every 500 milliseconds', /is not understood/],
    ['every other day', /is not understood/],
    ['every fifteen minutes', /is not understood/],
    ['every 5 constructors', /is not understood/],
    ['every 99999999999999999999 days', /is not understood/],
    ['every 101 years', /longer than 100 years/],
    ['every 999999999999 weeks', /longer than 100 years/],
    ['P', /is not understood/],
    ['PT', /is not understood/],
    ['P0D', /shorter than one second/],
    ['PT0S', /shorter than one second/],
    ['PT0.5S', /shorter than one second/],
    ['PT1.0001S', /is not understood/],
    ['P1.5D', /is not understood/],
    ['-P1D', /is not understood/],
    ['P-1D', /is not understood/],
    ['P1H', /is not understood/],
    ['P1000Y', /longer than 100 years/],
    ['PT99999999999999999S', /is not understood|longer/],
    // characters
    ['* * * * \u0000', /control character/],
    ['*\t*\t*\t*\t*', /control character/],
    ['daily\n0 0 * * *', /control character/],
    ['wee\u212Aly', /plain ASCII/],
    ['*\u00A0*\u00A0*\u00A0*\u00A0*', /plain ASCII/],
    ['\uFF0A * * * *', /plain ASCII/],
    ['\uD800', /plain ASCII/],
    ['x'.repeat(257), /257 characters, and at most 256/],
    [`${'1,'.repeat(20_000)}1 * * * *`, /at most 256/],
  ])('%j is refused in one sentence that says why', (frequency, why) => {
    const problems = problemsOf({ jobType: 'recurring', frequency });
    expect(problems.map(({ field }) => field)).toEqual(['frequency']);
    expect(problems[0]?.message).toMatch(why);
    expect(problems[0]?.message).toMatch(aSentence);
  });
});

describe('an execution time', () => {
  test.each([
    ['', /is empty/],
    ['now', /not an RFC 3339/],
    ['2026-02-30T00:00:00Z', /does not exist/],
    ['2025-02-29T00:00:00Z', /does not exist/],
    ['2026-13-01T00:00:00Z', /does not exist/],
    ['2026-00-10T00:00:00Z', /does not exist/],
    ['2026-01-00T00:00:00Z', /does not exist/],
    ['2026-01-01T24:00:00Z', /does not exist/],
    ['2026-01-01T23:60:00Z', /does not exist/],
    ['2016-12-31T23:59:60Z', /does not exist/],
    ['2026-01-01T00:00:00', /no offset, and no timezone/],
    ['2026-01-01T00:00', /no offset, and no timezone/],
    ['2026-01-01', /not an RFC 3339/],
    ['2026-01-01 00:00:00Z', /not an RFC 3339/],
    ['2026-1-1T00:00:00Z', /not an RFC 3339/],
    ['2026-01-01T00:00:00+01', /not an RFC 3339/],
    ['2026-01-01T00:00:00+0100', /not an RFC 3339/],
    ['2026-01-01T00:00:00+24:00', /offset beyond/],
    ['2026-01-01T00:00:00+01:60', /offset beyond/],
    ['2026-01-01T00:00:00Z[Europe/Lisbon]', /not an RFC 3339/],
    ['2026-01-01T00:00:00.Z', /not an RFC 3339/],
    ['2026-01-01T00:00:00Z\n', /not an RFC 3339/],
    [' 2026-01-01T00:00:00Z', /not an RFC 3339/],
    ['2026-01-01T00:00:00Z\u0000', /not an RFC 3339/],
    ['\u0662026-01-01T00:00:00Z', /not an RFC 3339/],
    ['1735689600', /not an RFC 3339/],
    ['+275760-09-13T00:00:00Z', /not an RFC 3339/],
    ['0000-01-01T00:00:00Z', /outside the years/],
    ['1969-12-31T23:59:59Z', /outside the years/],
    ['1970-01-01T00:00:00+00:01', /outside the years/],
    ['9999-12-31T23:59:59-00:01', /outside the years/],
    ['9'.repeat(100_000), /not an RFC 3339/],
  ])('%j is refused in one sentence that says why', (executionTime, why) => {
    const problems = problemsOf({ jobType: 'one-time', executionTime });
    expect(problems.map(({ field }) => field)).toEqual(['executionTime']);
    expect(problems[0]?.message).toMatch(why);
    expect(problems[0]?.message).toMatch(aSentence);
  });
});

describe('a time zone', () => {
  test.each([
    '',
    ' ',
    ' Europe/Lisbon',
    '+01:00',
    '-0300',
    'UTC+1',
    'GMT-3',
    'local',
    'system',
    'Z',
    'PST',
    'CST',
    'IST',
    'SystemV/PST8',
    'Europe',
    'Europe/',
    'Europe/Atlantis',
    'Europe/Lisbon\u0000',
    'Europe/L\u0131sbon',
    '../../etc/localtime',
    'posix/Europe/Lisbon',
    'constructor',
    'x'.repeat(1_000),
  ])('%j is refused in one sentence with a right one', (timezone) => {
    const problems = problemsOf({ jobType: 'recurring', frequency: 'daily', timezone });
    expect(problems.map(({ field }) => field)).toEqual(['timezone']);
    expect(problems[0]?.message).toMatch(/"Europe\/Lisbon" or "UTC"/);
    expect(problems[0]?.message).toMatch(aSentence);
  });
});

describe('a job', () => {
  test.each([
    ['one-time without an execution time', { jobType: 'one-time' }, ['executionTime']],
    [
      'one-time with a frequency',
      { jobType: 'one-time', executionTime: '2026-01-01T00:00:00Z', frequency: 'daily' },
      ['frequency'],
    ],
    ['one-time with a frequency only', { jobType: 'one-time', frequency: 'daily' }, ['frequency', 'executionTime']],
    ['recurring without a frequency', { jobType: 'recurring' }, ['frequency']],
    ['of another type', { jobType: 'sometimes' as 'recurring', frequency: 'daily' }, ['jobType']],
    [
      'that never fires after its execution time',
      { jobType: 'recurring', frequency: '0 0 1 1 *', executionTime: '9999-06-01T00:00:00Z' },
      ['executionTime'],
    ],
    [
      'with nothing right',
      { jobType: 'recurring', frequency: '* * * *', executionTime: '2026-02-30T00:00', timezone: 'local' },
      ['timezone', 'executionTime', 'frequency'],
    ],
  ] as const)('%s is refused, naming every wrong field', (_, input, fields) => {
    const problems = problemsOf(input);
    expect(problems.map(({ field }) => field)).toEqual(fields);
    for (const { message } of problems) expect(message).toMatch(aSentence);
  });
});

test('the most expensive expressions are answered in well under 200 ms', () => {
  const worst = ['0 0 30 2 *', '* * 29 2 1#5', '0 0 */29 2 1', '59 59 23 31 12 5L', `${'0,'.repeat(123)}0 * * * *`];
  for (const frequency of worst) {
    const started = performance.now();
    parseSchedule({ jobType: 'recurring', frequency, timezone: 'Europe/Lisbon' });
    expect(performance.now() - started).toBeLessThan(200);
  }
});
