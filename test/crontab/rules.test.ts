import { describe, expect, test } from '@jest/globals';
import { MAX_LINE_LENGTH, readCrontab } from '../../src/crontab/index.js';
import { lastEntry, problem, user } from './support/crontabs.js';

describe('lines', () => {
  test.each([
    ['nothing', ''],
    ['blank lines', '\n \n\t\n \t \n'],
    ['comments, indented too', '# one\n  # 0 1 * * * two\n\t#'],
    ['a byte-order mark', '\ufeff'],
    ['Windows line ends', '\r\n\r\n# a\r\n'],
  ])('%s are neither entries nor problems', (_, text) => {
    expect(user(text)).toEqual({ entries: [], problems: [] });
  });

  test('leading blanks, tabs, a byte-order mark, CRLF and a missing last line break change nothing', () => {
    const plain = user('A=b\n0 1 * * * run it\n0 2 * * * run more\n');
    expect(user('\ufeffA=b\r\n \t0\t1 *  * *\t run it \r\n  0 2 * * * run more')).toEqual(plain);
    expect(plain.entries).toHaveLength(2);
  });

  test('line numbers count every line from 1', () => {
    expect(user('\n# x\n\n0 1 * * * a\n?\n').entries[0]?.line).toBe(4);
    expect(user('\r\n# x\r\nno entry\r\n').problems[0]?.line).toBe(3);
  });

  test.each(['-*/15 * * * * a', '-0 1 * * * a', '-@daily a'])(
    'the minus that keeps %j out of the log is dropped',
    (line) => {
      expect(lastEntry(line)).toMatchObject({ expression: line.slice(1, -2), command: 'a' });
    },
  );
});

describe('settings', () => {
  test.each([
    ['NAME=value', { NAME: 'value' }],
    ['NAME = value ', { NAME: 'value' }],
    ['  NAME\t=\tvalue', { NAME: 'value' }],
    ['NAME = "value"', { NAME: 'value' }],
    ["NAME=' value '", { NAME: ' value ' }],
    ['"NAME"=value', { NAME: 'value' }],
    ['NAME=it is "this" one', { NAME: 'it is "this" one' }],
    ['NAME="it\'s"', { NAME: "it's" }],
    ['NAME="a\\"', { NAME: 'a\\' }],
    ['NAME=', { NAME: '' }],
    ['NAME=""', { NAME: '' }],
    ['NAME=$HOME/a=b # c', { NAME: '$HOME/a=b # c' }],
    ['NAME=a\nNAME=b', { NAME: 'b' }],
    ['SHELL=/bin/bash\nPATH=/bin\nHOME=/\nMAILTO=a', { SHELL: '/bin/bash', PATH: '/bin', HOME: '/', MAILTO: 'a' }],
    ['TZ=Nowhere/Atlantis', { TZ: 'Nowhere/Atlantis' }],
    ['CRON_TZ=Europe/Lisbon', {}],
  ])('%j', (lines, environment) => {
    expect(lastEntry(`${lines}\n0 1 * * * a`).environment).toEqual(environment);
  });

  test('hold from their line on', () => {
    const { entries } = user('0 1 * * * a\nX=1\n0 1 * * * b\nX=2\nY=3\n0 1 * * * c');
    expect(entries.map(({ environment }) => environment)).toEqual([{}, { X: '1' }, { X: '2', Y: '3' }]);
  });

  test.each([
    ['NAME="value', /value of NAME.*not closed/],
    ['NAME="value" # why', /quoted value of NAME.*more text/],
    ['1NAME=value', /has 1 of its five/],
    ['MY NAME=value', /neither an entry/],
    ['=value', /neither an entry/],
    ['export NAME=value', /neither an entry/],
  ])('%j is refused', (line, message) => {
    expect(problem(line)).toMatch(message);
  });

  test('a variable named like a part of every object is only a variable', () => {
    const { environment } = lastEntry('__proto__=a\nconstructor=b\n0 1 * * * c');
    expect(Object.entries(environment)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
  });
});

describe('the time zone', () => {
  test('is UTC, the option, or the last CRON_TZ above, in its usual spelling', () => {
    const text = '0 1 * * * a\nCRON_TZ=europe/lisbon\n0 1 * * * b\nCRON_TZ="Asia/Tokyo"\n0 1 * * * c';
    const zones = (timezone?: string) =>
      readCrontab(text, { format: 'user', timezone }).entries.map((entry) => entry.timezone);
    expect(zones()).toEqual(['UTC', 'Europe/Lisbon', 'Asia/Tokyo']);
    expect(zones('america/new_york')).toEqual(['America/New_York', 'Europe/Lisbon', 'Asia/Tokyo']);
  });

  test.each(['Mars/Olympus', '', '"Europe/Lisbon', 'UTC+1', `${' '.repeat(MAX_LINE_LENGTH)}UTC`, 'UTC\0'])(
    'a wrong CRON_TZ (%j) is told, and so is each entry up to the next right one',
    (zone) => {
      const { entries, problems } = user(`CRON_TZ=${zone}\n0 1 * * * a\n0 61 * * * b\nCRON_TZ=UTC\n0 1 * * * c`);
      expect(entries.map(({ command }) => command)).toEqual(['c']);
      expect(problems.map(({ line }) => line)).toEqual([1, 2, 3]);
      expect(problems[1]?.message).toMatch(/under the CRON_TZ of line 1/);
      expect(problems[2]?.message).toMatch(/hour field "61"/);
    },
  );

  test('a wrong option is told for each entry without a CRON_TZ', () => {
    const { entries, problems } = readCrontab('0 1 * * * a\nCRON_TZ=UTC\n0 1 * * * b', {
      format: 'user',
      timezone: 'Mars/Olympus',
    });
    expect(entries.map(({ command }) => command)).toEqual(['b']);
    expect(problems.map(({ line }) => line)).toEqual([1]);
    expect(problems[0]?.message).toMatch(/"Mars\/Olympus" does not exist/);
  });
});

describe('names', () => {
  const long = `${'word '.repeat(60)}end`;
  test.each([
    ['the comment directly above', '# Back up\n0 1 * * * a', 'Back up'],
    ['its last line', '# Back up\n# every night\n0 1 * * * a', 'every night'],
    ['its last line with words', '####\n# Back up\n####\n# ----\n#\n0 1 * * * a', 'Back up'],
    ['without its frame', '\t##  Back \t up  ##\n0 1 * * * a', 'Back up'],
    ['the command below a blank line', '# Back up\n\n0 1 * * * a', 'a'],
    ['the command below a setting', '# Back up\nX=1\n0 1 * * * a', 'a'],
    ['the command of a second entry', '# Back up\n0 1 * * * a\n0 2 * * * b', 'b'],
    ['the command below an entry switched off', '# Back up\n#0 1 * * * old\n0 1 * * * a', 'a'],
    ['the command below one with names', '# 0 1 * jan mon-fri old\n0 1 * * * a', 'a'],
    ['the command below a nickname switched off', '#@daily old\n0 1 * * * a', 'a'],
    ['the command below a setting switched off', '#MAILTO=root\n0 1 * * * a', 'a'],
    ['the command below a heading', '# m h  dom mon dow   command\n0 1 * * * a', 'a'],
    ['a comment that begins with a number', '# 5 times a day\n0 1 * * * a', '5 times a day'],
    [
      'a comment in any script',
      '# \u30d0\u30c3\u30af\u30a2\u30c3\u30d7\n0 1 * * * a',
      '\u30d0\u30c3\u30af\u30a2\u30c3\u30d7',
    ],
    ['a long comment, cut on a word', `# ${long}\n0 1 * * * a`, 'word '.repeat(40).trim()],
    ['a long command, cut on a word', `0 1 * * * ${long}`, 'word '.repeat(40).trim()],
    ['a long word, cut where it must', `0 1 * * * ${'x'.repeat(300)}`, 'x'.repeat(200)],
    ['never half a character', `0 1 * * * x${'\u{1f600}'.repeat(120)}`, `x${'\u{1f600}'.repeat(99)}`],
    ['on one line', '0 1 * * * a\t\u001b  b', 'a b'],
  ])('%s', (_, text, name) => {
    expect(lastEntry(text).name).toBe(name);
  });
});

describe('the percent sign', () => {
  test.each([
    ['date +\\%F', 'date +%F', undefined],
    ['cat%a%b', 'cat', 'a\nb\n'],
    ['cat%a%', 'cat', 'a\n'],
    ['cat %%a', 'cat', '\na\n'],
    ['cat%', 'cat', undefined],
    ['cat% a ', 'cat', ' a \n'],
    ['echo \\%\\% %50\\%', 'echo %%', '50%\n'],
    ['echo \\\\%a', 'echo \\\\', 'a\n'],
    ['cat%a\\b\\\\%c', 'cat', 'a\\b\\%c\n'],
    ['echo \\n \\', 'echo \\n \\', undefined],
    ['echo a\\  ', 'echo a\\ ', undefined],
  ])('%j', (written, command, stdin) => {
    const entry = lastEntry(`0 1 * * * ${written}`);
    expect([entry.command, entry.stdin]).toEqual([command, stdin]);
    expect(Object.hasOwn(entry, 'stdin')).toBe(stdin !== undefined);
  });

  test('first of all leaves no command', () => {
    expect(problem('0 1 * * * %a')).toMatch(/no command/);
  });
});

describe('times', () => {
  test.each([
    '@yearly',
    '@annually',
    '@monthly',
    '@weekly',
    '@daily',
    '@midnight',
    '@hourly',
    '*/5 * * * *',
    '0,30 8-18/2 1,15 JAN-mar Mon,wed,FRI',
    '0 0 * * 7',
    '00 08 01 1-12/3 fri-sun',
    '0 0 * jan-dec/2 mon-fri/2',
  ])('%s is taken as it stands', (expression) => {
    expect(lastEntry(`${expression} a`)).toMatchObject({ expression, command: 'a' });
  });

  test("a command that looks like a sixth field is the command's", () => {
    expect(lastEntry('0 1 * * * 5')).toMatchObject({ expression: '0 1 * * *', command: '5' });
  });

  test.each([
    ['*', /1 of its five .* ends there: the hour, .* and the command are missing/],
    ['0 1 * *', /4 of its five .*: the day-of-week and the command are missing/],
    ['0 1 * * *', /no command/],
    ['0 1 * * *   ', /no command/],
    ['@daily', /no command/],
    ['@reboot a', /"@reboot" names no time/],
    ['@every_minute a', /not a cron nickname/],
    ['0 1 * /usr/bin/a', /3 of its five .*"\/usr\/bin\/a": the month and the day-of-week are missing/],
    ['0 1 * * backup.sh --all', /before "backup\.sh": the day-of-week is missing/],
    ['0 1 * * $HOME/a b', /before "\$HOME\/a"/],
    ['60 * * * * a', /minute field "60"/],
    ['1x * * * * a', /minute field "1x"/],
    ['5-1 * * * * a', /minute field "5-1"/],
    ['*/0 * * * * a', /minute field "\*\/0"/],
    ['0 0 32 * * a', /day-of-month field "32"/],
    ['0 0 * foo * a', /month field "foo"/],
    ['0 0 31 2 * a', /never fires/],
    ['~ * * * * a', /field "~" is a random range/],
    ['0 9~17 * * * a', /field "9~17" is a random range/],
    ['5/10 * * * * a', /field "5\/10" has a step behind a single value.*write "5" alone/],
    ['0 1,8/2 * * * a', /field "1,8\/2" has a step/],
    ['0 0 1 * * * a', /no field for seconds/],
    ['0\u00a01 * * * * a', /minute field/],
    ['daily a', /neither an entry/],
  ])('%j is refused', (line, message) => {
    expect(problem(line)).toMatch(message);
  });
});

describe('the system format', () => {
  test.each([
    ['0 1 * * * root a b', 'root', 'a b'],
    ['@daily www-data  a', 'www-data', 'a'],
    ['0 1 * * * operator:wheel/daemon a', 'operator:wheel/daemon', 'a'],
    ['0 1 * * * machine$ a', 'machine$', 'a'],
  ])('%j has a user', (line, name, command) => {
    expect(lastEntry(line, 'system')).toMatchObject({ user: name, command });
  });

  test('alone has one', () => {
    expect(lastEntry('0 1 * * * root a')).not.toHaveProperty('user');
  });

  test.each([
    ['0 1 * * *', /the user and the command are missing/],
    ['0 1 * * * root', /behind the user "root": the command is missing/],
    ['0 1 * * * /usr/bin/a b', /"\/usr\/bin\/a" where the system format has a user.*format "user"/],
    ['0 1 * * * * a', /no field for seconds/],
    ['0 1 * * * root %a', /no command/],
  ])('refuses %j', (line, message) => {
    expect(problem(line, 'system')).toMatch(message);
  });
});
