/** The examples of RFC 5545 3.8.5.3, all of them, with the dates that it gives. */
import { expect, test } from '@jest/globals';
import { localTime } from '../support/schedules.js';
import { firesOf, recurrenceOf } from './support/rules.js';

const ZONE = 'America/New_York';

/** "1997-09-02 09:00", without the time where it is 09:00. */
const local = (fire: number): string =>
  localTime(fire, ZONE)
    .slice(0, 16)
    .replace('T', ' ')
    .replace(/ 09:00$/, '');

/** "1997-09 2-5 8" is the 2nd to the 5th and the 8th of September 1997. */
const dates = (...months: string[]): string[] =>
  months.flatMap((text) => {
    const [month = '', ...days] = text.split(' ');
    return days.flatMap((span) => {
      const [from = 0, to = from] = span.split('-').map(Number);
      return Array.from({ length: to - from + 1 }, (_, n) => `${month}-${String(from + n).padStart(2, '0')}`);
    });
  });

const yearly = (from: number, to: number, days: string): string[] =>
  Array.from({ length: to - from + 1 }, (_, n) => dates(...days.split(',').map((day) => `${from + n}-${day}`))).flat();

const on = (day: string, times: string[]): string[] =>
  times.map((time) => `${day}${time === '09:00' ? '' : ` ${time}`}`);

const START = '19970902T090000';
const EVERY_DAY_IN_JANUARY = yearly(1998, 2000, '01 1-31');

/** The rule, its dates from the first on, and how it starts where that is not on 2 September 1997. `...` has no end. */
const examples: [rule: string, expected: string[], ends: 'ends' | '...', start?: string][] = [
  ['FREQ=DAILY;COUNT=10', dates('1997-09 2-11'), 'ends'],
  ['FREQ=DAILY;UNTIL=19971224T000000Z', dates('1997-09 2-30', '1997-10 1-31', '1997-11 1-30', '1997-12 1-23'), 'ends'],
  ['FREQ=DAILY;INTERVAL=2', dates('1997-09 2 4 6 8 10 12 14 16 18 20 22 24 26 28 30', '1997-10 2 4 6'), '...'],
  ['FREQ=DAILY;INTERVAL=10;COUNT=5', dates('1997-09 2 12 22', '1997-10 2 12'), 'ends'],
  [
    'FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA',
    EVERY_DAY_IN_JANUARY,
    'ends',
    '19980101T090000',
  ],
  ['FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1', EVERY_DAY_IN_JANUARY, 'ends', '19980101T090000'],
  ['FREQ=WEEKLY;COUNT=10', dates('1997-09 2 9 16 23 30', '1997-10 7 14 21 28', '1997-11 4'), 'ends'],
  [
    'FREQ=WEEKLY;UNTIL=19971224T000000Z',
    dates('1997-09 2 9 16 23 30', '1997-10 7 14 21 28', '1997-11 4 11 18 25', '1997-12 2 9 16 23'),
    'ends',
  ],
  [
    'FREQ=WEEKLY;INTERVAL=2;WKST=SU',
    dates('1997-09 2 16 30', '1997-10 14 28', '1997-11 11 25', '1997-12 9 23', '1998-01 6 20', '1998-02 3 17'),
    '...',
  ],
  [
    'FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH',
    dates('1997-09 2 4 9 11 16 18 23 25 30', '1997-10 2'),
    'ends',
  ],
  ['FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH', dates('1997-09 2 4 9 11 16 18 23 25 30', '1997-10 2'), 'ends'],
  [
    'FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR',
    dates(
      '1997-09 1 3 5 15 17 19 29',
      '1997-10 1 3 13 15 17 27 29 31',
      '1997-11 10 12 14 24 26 28',
      '1997-12 8 10 12 22',
    ),
    'ends',
    '19970901T090000',
  ],
  ['FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH', dates('1997-09 2 4 16 18 30', '1997-10 2 14 16'), 'ends'],
  [
    'FREQ=MONTHLY;COUNT=10;BYDAY=1FR',
    dates(
      '1997-09 5',
      '1997-10 3',
      '1997-11 7',
      '1997-12 5',
      '1998-01 2',
      '1998-02 6',
      '1998-03 6',
      '1998-04 3',
      '1998-05 1',
      '1998-06 5',
    ),
    'ends',
    '19970905T090000',
  ],
  [
    'FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR',
    dates('1997-09 5', '1997-10 3', '1997-11 7', '1997-12 5'),
    'ends',
    '19970905T090000',
  ],
  [
    'FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU',
    dates('1997-09 7 28', '1997-11 2 30', '1998-01 4 25', '1998-03 1 29', '1998-05 3 31'),
    'ends',
    '19970907T090000',
  ],
  [
    'FREQ=MONTHLY;COUNT=6;BYDAY=-2MO',
    dates('1997-09 22', '1997-10 20', '1997-11 17', '1997-12 22', '1998-01 19', '1998-02 16'),
    'ends',
    '19970922T090000',
  ],
  [
    'FREQ=MONTHLY;BYMONTHDAY=-3',
    dates('1997-09 28', '1997-10 29', '1997-11 28', '1997-12 29', '1998-01 29', '1998-02 26'),
    '...',
    '19970928T090000',
  ],
  [
    'FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15',
    dates('1997-09 2 15', '1997-10 2 15', '1997-11 2 15', '1997-12 2 15', '1998-01 2 15'),
    'ends',
  ],
  [
    'FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1',
    dates('1997-09 30', '1997-10 1 31', '1997-11 1 30', '1997-12 1 31', '1998-01 1 31', '1998-02 1'),
    'ends',
    '19970930T090000',
  ],
  [
    'FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15',
    dates('1997-09 10-15', '1999-03 10-13'),
    'ends',
    '19970910T090000',
  ],
  [
    'FREQ=MONTHLY;INTERVAL=2;BYDAY=TU',
    dates('1997-09 2 9 16 23 30', '1997-11 4 11 18 25', '1998-01 6 13 20 27', '1998-03 3 10 17 24 31'),
    '...',
  ],
  ['FREQ=YEARLY;COUNT=10;BYMONTH=6,7', yearly(1997, 2001, '06 10,07 10'), 'ends', '19970610T090000'],
  [
    'FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3',
    [...dates('1997-03 10'), ...[1999, 2001, 2003].flatMap((year) => yearly(year, year, '01 10,02 10,03 10'))],
    'ends',
    '19970310T090000',
  ],
  [
    'FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200',
    dates(
      '1997-01 1',
      '1997-04 10',
      '1997-07 19',
      '2000-01 1',
      '2000-04 9',
      '2000-07 18',
      '2003-01 1',
      '2003-04 10',
      '2003-07 19',
      '2006-01 1',
    ),
    'ends',
    '19970101T090000',
  ],
  ['FREQ=YEARLY;BYDAY=20MO', dates('1997-05 19', '1998-05 18', '1999-05 17'), '...', '19970519T090000'],
  ['FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO', dates('1997-05 12', '1998-05 11', '1999-05 17'), '...', '19970512T090000'],
  [
    'FREQ=YEARLY;BYMONTH=3;BYDAY=TH',
    dates('1997-03 13 20 27', '1998-03 5 12 19 26', '1999-03 4 11 18 25'),
    '...',
    '19970313T090000',
  ],
  [
    'FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8',
    dates(
      ...[
        '1997-06 5 12 19 26',
        '1997-07 3 10 17 24 31',
        '1997-08 7 14 21 28',
        '1998-06 4 11 18 25',
        '1998-07 2 9 16 23 30',
      ],
      ...['1998-08 6 13 20 27', '1999-06 3 10 17 24', '1999-07 1 8 15 22 29', '1999-08 5 12 19 26'],
    ),
    '...',
    '19970605T090000',
  ],
  // The RFC leaves out DTSTART, no Friday, by an EXDATE; here it fires only when the rule names it.
  [
    'FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13',
    dates('1998-02 13', '1998-03 13', '1998-11 13', '1999-08 13', '2000-10 13'),
    '...',
  ],
  [
    'FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13',
    dates(
      '1997-09 13',
      '1997-10 11',
      '1997-11 8',
      '1997-12 13',
      '1998-01 10',
      '1998-02 7',
      '1998-03 7',
      '1998-04 11',
      '1998-05 9',
      '1998-06 13',
    ),
    '...',
    '19970913T090000',
  ],
  [
    'FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8',
    dates('1996-11 5', '2000-11 7', '2004-11 2'),
    '...',
    '19961105T090000',
  ],
  [
    'FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3',
    dates('1997-09 4', '1997-10 7', '1997-11 6'),
    'ends',
    '19970904T090000',
  ],
  [
    'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2',
    dates('1997-09 29', '1997-10 30', '1997-11 27', '1997-12 30', '1998-01 29', '1998-02 26', '1998-03 30'),
    '...',
    '19970929T090000',
  ],
  // The RFC lists 15:00 too, as if its UNTIL, 17:00 UTC and so 13:00 in New York, were local.
  ['FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000Z', on('1997-09-02', ['09:00', '12:00']), 'ends'],
  [
    'FREQ=MINUTELY;INTERVAL=15;COUNT=6',
    on('1997-09-02', ['09:00', '09:15', '09:30', '09:45', '10:00', '10:15']),
    'ends',
  ],
  ['FREQ=MINUTELY;INTERVAL=90;COUNT=4', on('1997-09-02', ['09:00', '10:30', '12:00', '13:30']), 'ends'],
  ...[
    'FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40',
    'FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16',
  ].map((rule): [string, string[], '...'] => {
    const hours = ['09', '10', '11', '12', '13', '14', '15', '16'];
    const times = hours.flatMap((hour) => ['00', '20', '40'].map((minute) => `${hour}:${minute}`));
    return [rule, dates('1997-09 2-4').flatMap((day) => on(day, times)), '...'];
  }),
  ['FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO', dates('1997-08 5 10 19 24'), 'ends', '19970805T090000'],
  ['FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU', dates('1997-08 5 17 19 31'), 'ends', '19970805T090000'],
  [
    'FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5',
    dates('2007-01 15 30', '2007-02 15', '2007-03 15 30'),
    'ends',
    '20070115T090000',
  ],
];

test.each(examples)('%s', (rule, expected, ends, start = START) => {
  const recurrence = recurrenceOf(`DTSTART;TZID=${ZONE}:${start}\nRRULE:${rule}`);
  const fires = firesOf(recurrence, 0, Infinity, expected.length + 1).map(local);
  expect(ends === 'ends' ? fires : fires.slice(0, -1)).toEqual(expected);
  expect(fires).toHaveLength(expected.length + (ends === 'ends' ? 0 : 1));
});

test('the monthly example with an EXDATE leaves that date out', () => {
  const lines = 'RRULE:FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13\nEXDATE;TZID=America/New_York:19980213T090000';
  const recurrence = recurrenceOf(`DTSTART;TZID=${ZONE}:${START}\n${lines}`);
  expect(firesOf(recurrence, 0, Infinity, 2).map(local)).toEqual(dates('1998-03 13', '1998-11 13'));
});
