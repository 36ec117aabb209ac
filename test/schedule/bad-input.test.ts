import { describe, expect, test } from '@jest/globals';
import { problemsOf } from './support/schedules.js';

/** One sentence a user can act on: not empty, not endless, with an end. */
const aSentence = /^[A-Z"].{20,700}[.?]$/;

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
