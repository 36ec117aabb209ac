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
    ['* * * *', /has 4 fields: write 5 .*or 6.*did you leave out the minute/i],
    ['*', /has 1 field:/],
    ['0 0 1 1 * * 2027', /has 7 fields.*A year field is not supported/],
    ['* * * * * * * *', /has 8 fields/],
    ['5', /has 1 field:/],
    // a field out of range or misspelt
    ['60 * * * *', /minute field "60".*0 to 59/],
    ['60 * * * * *', /second field "60"/],
    ['0 24 * * *', /hour field "24".*midnight is 0.*0 to 23/],
    ['0 25 * * *', /hour field "25".*25 is out of range/],
    ['0 9 * * 1-5 2027', /day-of-week field "2027".*looks like a year/],
    ['0 0 * * MONDAY', /day-of-week field "MONDAY".*did you mean "MON"/],
    ['0 0 * * 1,TUES', /day-of-week field "1,TUES".*did you mean "TUE"/],
    ['0 0 * Febr *', /month field "Febr".*did you mean "FEB"/],
    ['0 0 * * FRI-MON', /runs backwards: write "FRI-SAT,SUN-MON"/],
    ['0 0 * * 5-1', /runs backwards: write "5-6,0-1"/],
    ['0 22-4 * * *', /runs backwards: write "22-23,0-4"/],
    ['0 23-4/2 * * *', /runs backwards: write "23,0-4"/],
    ['0 0 * nov-jan *', /runs backwards: write "nov-DEC,jan"/],
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
    ['0 0 L-31 * *', /day-of-month field "L-31".*L-30 is the earliest/],
    ['0 0 L-3W * *', /day-of-month field "L-3W".*do not go together/],
    ['0 0 L- * *', /day-of-month field "L-"/],
    ['0 0 1-L * *', /day-of-month field "1-L"/],
    ['0 0 LW-3 * *', /day-of-month field "LW-3"/],
    ['0 0 32W * *', /day-of-month field "32W"/],
    ['15W * * * *', /is not understood/],
    ['*/0 * * * *', /minute field "\*\/0".*at least 1/],
    ['*/61 * * * *', /minute field "\*\/61".*the step 61 is more than the 60 values/],
    ['*/-5 * * * *', /minute field/],
    ['-5 * * * *', /minute field "-5"/],
    ['5-1 * * * *', /minute field "5-1"/],
    ['1,,2 * * * *', /minute field "1,,2".*empty part/],
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
    ['0 0 31 4,6,9,11 *', /never fires/],
    ['0 0 L-30 2 *', /never fires/],
    ['0 0 L-29,30 2 *', /never fires/],
    // too much of it
    [`${'0,'.repeat(64)}0 * * * *`, /minute field lists 65 parts, and at most 64/],
    [`0 0 * * ${'MON,'.repeat(99)}MON`, /day-of-week field lists 100 parts/],
    ['* '.repeat(300), /has 300 fields/],
    // nicknames
    ['@reboot', /names no time.*@hourly/],
    ['@fortnightly', /not a cron nickname/],
    ['@daily * * * *', /not a cron nickname/],
    ['@', /not a cron nickname/],
    // other schedulers, plain words: what to write is said
    ['@every 5m', /use "every 5 minutes"/],
    ['@every 1h30m', /use "PT1H30M"/],
    ['rate(5 minutes)', /use "every 5 minutes"/],
    ['rate(1 day)', /use "every day"/],
    ['cron(0 9 * * ? *)', /use "0 9 \* \* \*"/],
    ['cron(0 9 ? * 2-6 *)', /use "0 9 \* \* MON-FRI"/],
    ['cron(0 9 ? * 6#2 2027)', /use "0 9 \* \* FRI#2", and say the years with startAt/],
    ['Mon..Fri 09:00', /use "0 9 \* \* MON-FRI"/],
    ['Mon..Fri *-*-* 09:30:15', /use "15 30 9 \* \* MON-FRI"/],
    ['*-*-* 09:00', /use "0 9 \* \* \*"/],
    ['*-*-01 00:00:00', /use "0 0 1 \* \*"/],
    ['every day at 9:30', /use "daily" with an executionTime, or "30 9 \* \* \*"/],
    ['every weekday at 09:30', /use "weekdays" with an executionTime, or "30 9 \* \* MON-FRI"/],
    ['daily at 9', /use "daily" with an executionTime, or "0 9 \* \* \*"/],
    ['daily at 12am', /or "0 0 \* \* \*"/],
    ['every monday', /use "0 0 \* \* MON"/],
    ['Tuesdays and fridays at 5 pm', /use "0 17 \* \* TUE,FRI"/],
    ['daily at 25', /is not understood: use a keyword/],
    ['5m', /use "every 5 minutes"/],
    ['15 min', /use "every 15 minutes"/],
    ['1h30m', /use "PT1H30M"/],
    ['1 hour and 30 minutes', /use "PT1H30M"/],
    ['every 15 mins', /use "every 15 minutes"/],
    ['every 5', /is not understood: write "every", a number/],
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
    ['every', /interval "every" is not understood/],
    ['every 0 minutes', /shorter than one second/],
    ['every 00 days', /shorter than one second/],
    ['every -5 minutes', /is negative/],
    ['every 1.5 hours', /use "PT1H30M"/],
    ['every 1.5 months', /is not understood/],
    ['every 15 min', /use "every 15 minutes"/],
    ['every 0 min', /is not understood.*seconds, minutes, hours/],
    ['every 0.5 seconds', /shorter than one second/],
    ['every 500 milliseconds', /shorter than one second/],
    ['every 90000 weeks', /longer than 100 years/],
    ['every other day', /use "every 2 days"/],
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
    ['-P1D', /is negative/],
    ['P-1D', /is negative/],
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
    ['x'.repeat(1_000), /is not understood/],
    ['x'.repeat(1_001), /1001 characters, and at most 1000/],
    [`${'1,'.repeat(20_000)}1 * * * *`, /at most 1000/],
  ])('%j is refused in one sentence that says why', (frequency, why) => {
    const problems = problemsOf({ jobType: 'recurring', frequency });
    expect(problems.map(({ field }) => field)).toEqual(['frequency']);
    expect(problems[0]?.message).toMatch(why);
    expect(problems[0]?.message).toMatch(aSentence);
  });
});

test('what other engines take and croner does not is taken as they mean it', () => {
  for (const frequency of ['0 0 L-0 * *', '0 30 9 ? * MON-FRI', '0 0 l-3,lw * *', '0 0 LW,1 * *']) {
    expect([frequency, parseSchedule({ jobType: 'recurring', frequency }).ok]).toEqual([frequency, true]);
  }
});

/**
 * Texts that cost the most to refuse, or to take. Nothing is timed here: the work is bounded by the 1,000 characters of a
 * frequency and the 64 parts of a field, and grows at most with their square.
 */
test.each([
  '*/1,'.repeat(500),
  `${'*/1,'.repeat(200)}1 * * * *`,
  `${'1-59/1,'.repeat(63)}1 * * * *`,
  '* '.repeat(500),
  '*'.repeat(1_000),
  '9'.repeat(1_000),
  ' at'.repeat(333),
  'every '.repeat(166),
  `every ${'9m'.repeat(490)}`,
  'mon..'.repeat(200),
  '1:1:'.repeat(250),
  `rate(${'5 m'.repeat(300)})`,
  `cron(${'* '.repeat(400)})`,
  `P${'1D'.repeat(400)}`,
  `PT${'9'.repeat(900)}S`,
  `0 0 * * ${'MON-'.repeat(240)}`,
  `0 0 * * ${'mon'.repeat(300)}`,
  `0 0 ${'L-30,'.repeat(63)}L-29 2 *`,
  `0 0 ${'LW,'.repeat(63)}L-30 2 *`,
  `0 0 ${Array.from({ length: 31 }, (_, n) => `L-${n}`).join(',')},LW * 1#5`,
  '0 0 30 2 *',
  '0 0 L-30 2 *',
  '* * 29 2 1#5',
  '* * L-28 2 */6',
  '0 0 */29 2 1',
  '59 59 23 31 12 5L',
])('costly text %#, of at most a sentence in answer', (frequency) => {
  const parsed = parseSchedule({ jobType: 'recurring', frequency, timezone: 'Europe/Lisbon' });
  const problems = parsed.ok ? [] : parsed.problems;
  expect(problems.length).toBeLessThanOrEqual(1);
  for (const { message } of problems) expect(message).toMatch(aSentence);
});
