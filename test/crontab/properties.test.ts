import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { httpRequestOf, readCrontab } from '../../src/crontab/index.js';
import { httpPayload } from '../../src/handlers/http/definition.js';
import { parseSchedule } from '../../src/schedule/index.js';

const seed = 20_261_101;

/** Pieces that crontabs are made of, and any text; few enough lines to stay within the limits. */
const piece = fc.oneof(
  fc.constantFrom('*', '0', '5', '*/15', '1-5', '0~59', '61', 'mon', 'jan', '@daily', '@reboot', '-', '%', '\\%', '\\'),
  fc.constantFrom('root', '/bin/a', 'NAME', 'CRON_TZ', '=', '"', "'", 'Europe/Lisbon', '#', '\t', ' ', '\0', '\r', 'a'),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const separator = fc.constantFrom(' ', '', '  ', '\t');
const rough = fc.array(fc.tuple(piece, separator), { maxLength: 12 }).map((parts) => parts.flat().join(''));
const entry = fc
  .tuple(
    fc.constantFrom('0 1 * * *', '@hourly', '*/5 * 1 * mon', '60 * * * *', '0 1 * * * root'),
    fc.string({ maxLength: 20 }),
  )
  .map((parts) => parts.join(' '));
const setting = fc
  .tuple(
    fc.constantFrom('A', 'CRON_TZ', 'MAILTO'),
    fc.constantFrom('=', ' = '),
    fc.constantFrom('UTC', '"UTC"', ' utc', 'GMT ', 'x'),
  )
  .map((parts) => parts.join(''));
const crontab = fc
  .array(fc.oneof(rough, entry, setting, fc.constantFrom('', '# A job', '#')), { maxLength: 30, size: 'max' })
  .chain((lines) => fc.constantFrom('\n', '\r\n').map((end) => lines.join(end)));
const format = fc.constantFrom('user' as const, 'system' as const);

/** By crontab(5) alone, without the reader's own code: what is no blank line, no comment and no setting. */
function entryLines(text: string): number[] {
  const lines = text.replace(/^\ufeff/, '').split('\n');
  return lines.flatMap((line, index) => {
    const isOther = /^[ \t]*(#|\r?$)/.test(line) || /^[ \t]*(["']?)[A-Za-z_]\w*\1[ \t]*=/.test(line);
    return isOther ? [] : [index + 1];
  });
}

test('every line that names a job is in exactly one of the two lists, in order', () => {
  fc.assert(
    fc.property(crontab, format, (text, which) => {
      const { entries, problems } = readCrontab(text, { format: which });
      const told = [...entries, ...problems].map(({ line }) => line).toSorted((a, b) => a - b);
      expect(new Set(told).size).toBe(told.length);
      const named = entryLines(text);
      expect(told.filter((line) => named.includes(line))).toEqual(named);
      expect(entries.every(({ line }) => named.includes(line))).toBe(true);
    }),
    { seed, numRuns: 600 },
  );
});

test('what is taken can be a job, and what is refused is told in a sentence', () => {
  let [taken, refused] = [0, 0];
  fc.assert(
    fc.property(crontab, format, (text, which) => {
      const { entries, problems } = readCrontab(text, { format: which });
      for (const { expression, timezone, name, command } of entries) {
        taken += 1;
        expect(parseSchedule({ jobType: 'recurring', frequency: expression, timezone }).ok).toBe(true);
        expect(name.length).toBeLessThanOrEqual(200);
        expect(command).not.toMatch(/[\0\n]/);
      }
      for (const { message, text: shown } of problems) {
        refused += 1;
        expect(message).toMatch(/^[A-Z"][^\p{Cc}]{20,700}[.?]$/u);
        expect(shown).not.toMatch(/\p{Cc}/u);
      }
    }),
    { seed, numRuns: 600 },
  );
  expect(Math.min(taken, refused)).toBeGreaterThan(500); // the cases are worth something
});

test('any text at all is read without an error', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 200 }),
      format,
      fc.string({ maxLength: 5 }),
      (text, which, zone) => {
        readCrontab(text, { format: which, timezone: zone });
        httpRequestOf(text);
      },
    ),
    { seed, numRuns: 600 },
  );
});

test('a command is never called with what no http job takes', () => {
  const word = fc.constantFrom(
    ...[
      '-s',
      '-fsS',
      '-X',
      'POST',
      'GET',
      '-d',
      "'a=b'",
      '-H',
      "'A: b'",
      "'Host: c'",
      '-o',
      '/dev/null',
      '-m',
      '5',
      '-O-',
    ],
    ...[
      'https://a.example/b?c=d',
      "'http://a.example'",
      'http://u:p@a.example',
      '-q',
      '"',
      "'",
      '\\',
      '|',
      '>/dev/null',
    ],
  );
  let recognised = 0;
  fc.assert(
    fc.property(fc.constantFrom('curl', 'wget'), fc.array(word, { maxLength: 5 }), (program, words) => {
      const request = httpRequestOf([program, ...words].join(' '));
      if (request === null) return;
      recognised += 1;
      expect(httpPayload.parse(request)).toEqual(request);
    }),
    { seed, numRuns: 5_000 },
  );
  expect(recognised).toBeGreaterThan(50);
});
