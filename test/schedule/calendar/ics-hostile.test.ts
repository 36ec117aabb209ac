import { describe, expect, test } from '@jest/globals';
import { readIcs } from '../../../src/schedule/calendar/index.js';
import { random } from '../support/random.js';
import { google, outlook, rules } from './support/ics-samples.js';

const LARGEST = 256 * 1_024;
/** The aim is 200 ms. Of processor time, as the machine may be busy; and tests are slower: three times that. */
const LONGEST_MS = 600;

const file = (body: string) => `BEGIN:VCALENDAR\n${body}END:VCALENDAR\n`;
const event = (body: string) => `BEGIN:VEVENT\n${body}\nEND:VEVENT\n`;
const start = 'DTSTART;VALUE=DATE:20260101';
/** As many repetitions as make a file of the largest size. */
const fill = (part: string, room = 200) => part.repeat(Math.floor((LARGEST - room) / part.length));

describe('a hostile file of the largest size gets an answer in time:', () => {
  test.each<[string, string, RegExp | 'taken']>([
    ['too large', `${google}${' '.repeat(LARGEST)}`, /larger than 256 KiB/],
    ['many events', file(fill(event('DTSTART:20260101'))), /over 5000 days|^taken/],
    ['many long events', file(fill(event(`${start}\nDURATION:P3660D`))), /over 5000 days/],
    ['many RDATEs', file(event(`${start}\nRDATE;VALUE=DATE:${fill('20270101,')}20280101`)), /over 5000 days/],
    ['many RDATEs long ago', file(event(`${start}\nRDATE;VALUE=DATE:${fill('16010101,')}16020101`)), 'taken'],
    ['many EXDATEs', file(event(`${start}\nEXDATE;VALUE=DATE:${fill('20270101,')}20280101`)), 'taken'],
    ['many rules', file(event(`${start}\n${fill('RRULE:FREQ=YEARLY\n')}SUMMARY:x`)), /over 5000 days/],
    [
      'rules that match nothing',
      file(event(`${start}\n${fill('RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\n')}X:x`)),
      /too many recurring/,
    ],
    [
      'rules that match nothing in a year of days',
      file(event(`${start}\n${fill('RRULE:FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYMONTHDAY=32\n')}X:x`)),
      /BYMONTHDAY/,
    ],
    [
      'events that match seldom',
      file(fill(event('DTSTART:16010101\nRRULE:FREQ=YEARLY;BYDAY=MO;BYMONTHDAY=-31,31,-31'))),
      /over 5000 days|too many/,
    ],
    ['a rule of every day', file(event(`${start}\nRRULE:FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU`)), /over 5000 days/],
    ['a rule of endless parts', file(event(`${start}\nRRULE:FREQ=YEARLY;${fill('A=B;')}C=D`)), /has A,/],
    ['a rule of many days', file(event(`${start}\nRRULE:FREQ=YEARLY;COUNT=3;BYMONTHDAY=${fill('1,')}1`)), 'taken'],
    ['a far interval', file(event(`${start}\nRRULE:FREQ=YEARLY;INTERVAL=${'9'.repeat(400)}`)), 'taken'],
    ['a far count', file(event(`${start}\nRRULE:FREQ=YEARLY;COUNT=${'9'.repeat(400)}`)), 'taken'],
    ['a far duration', file(event(`${start}\nDURATION:P999999999999D`)), /not a length of time|days/],
    [
      'nested components',
      file(`${fill('BEGIN:A\n', LARGEST / 2 + 500)}${event(start)}${fill('END:A\n', LARGEST / 2 + 500)}`),
      /./,
    ],
    ['endless beginnings', `BEGIN:VCALENDAR\n${fill('BEGIN:VEVENT\n')}`, /did not end/],
    ['endless ends', file(fill('END:VEVENT\n')), /no all-day event/],
    ['many parameters', file(event(`${start}\nX-A${fill(';a=b')}:v`)), 'taken'],
    ['many quoted parameters', file(event(`${start}\nX-A${fill(';a="b"')}:v`)), 'taken'],
    ['a member list', file(event(`${start}\nATTENDEE;MEMBER=${fill('"b",')}"c":v`)), 'taken'],
    ['one line, folded at every letter', file(event(`${start}\nSUMMARY:${fill('\n a')}`)), 'taken'],
    ['blanks', `BEGIN:VCALENDAR\n${fill('\n')}`, /not understood/],
    ['escapes', file(event(`${start}\nSUMMARY:${fill('\\n\\,')}`)), 'taken'],
    [
      'names of the prototype',
      file(
        event(
          `${start}\n__proto__:x\n__proto__;__proto__=y;constructor=z:x\nconstructor;VALUE=constructor:y\nX;VALUE=__proto__:toString\nSUMMARY;VALUE=hasOwnProperty:x`,
        ),
      ),
      'taken',
    ],
    ['values of other types', file(event(`${start}\nRRULE;VALUE=TEXT:x`)), /FREQ=undefined/],
    ['a beginning of another type', file(event('DTSTART;VALUE=BOOLEAN:TRUE')), /./],
    ['a period', file(event(`${start}\nRDATE;VALUE=PERIOD:20260105T000000Z/P1D`)), 'taken'],
    ['a group of cards', 'BEGIN:VCARD\nVERSION:4.0\nEND:VCARD\n', /not an iCalendar file/],
    ['nothing', '', /not an iCalendar file/],
  ])('%s', (_, text, answer) => {
    const started = process.cpuUsage();
    const read = readIcs(text);
    const tookMs = process.cpuUsage(started).user / 1_000;
    expect(read.ok ? 'taken' : read.message).toMatch(answer);
    expect(tookMs).toBeLessThan(LONGEST_MS);
  });

  test('nothing sticks to the prototype', () => {
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});

test('a file with letters changed at random is read or refused, never an error', () => {
  const { integer, pick } = random(31);
  const letters = [
    '\n',
    '\r\n',
    ':',
    ';',
    '=',
    ',',
    '"',
    '\\',
    'T',
    'Z',
    '0',
    '9',
    '-',
    ' ',
    '\u0000',
    '\uFEFF',
    '\u{1F384}',
  ];
  const answers = { read: 0, refused: 0 };
  for (let n = 0; n < 1_500; n++) {
    let text = pick([google, outlook, rules]);
    for (let change = integer(1, 4); change > 0; change--) {
      const place = integer(0, text.length);
      text = text.slice(0, place) + pick([...letters, '']) + text.slice(place + integer(0, 2));
    }
    const answer = readIcs(text);
    expect(answer.ok ? 'Read.' : answer.message).toMatch(/^[^\n]+[.?]$/);
    answers[answer.ok ? 'read' : 'refused']++;
  }
  expect(answers.read).toBeGreaterThan(200);
  expect(answers.refused).toBeGreaterThan(200);
});
