import { expect, test } from '@jest/globals';
import { readCrontab } from '../../src/crontab/index.js';

/** The parts of the entries that a person would look at. */
const table = (text: string, options: Parameters<typeof readCrontab>[1]) =>
  readCrontab(text, options).entries.map(({ line, expression, user, command, name }) =>
    [line, expression, ...(user === undefined ? [] : [user]), command, name].join(' | '),
  );

test("Debian's /etc/crontab is four entries of the system format", () => {
  const text = `# /etc/crontab: system-wide crontab
# Unlike any other crontab you don't have to run the \`crontab'
# command to install the new version when you edit this file.

SHELL=/bin/sh
# You can also override PATH, but by default, newer versions inherit it from the environment
#PATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin

# Example of job definition:
# .---------------- minute (0 - 59)
# |  .------------- hour (0 - 23)
# |  |  .---------- day of month (1 - 31)
# |  |  |  .------- month (1 - 12) OR jan,feb,mar,apr ...
# |  |  |  |  .---- day of week (0 - 6) (Sunday=0 or 7) OR sun,mon,tue,wed,thu,fri,sat
# |  |  |  |  |
# *  *  *  *  * user-name command to be executed
17 *\t* * *\troot\tcd / && run-parts --report /etc/cron.hourly
25 6\t* * *\troot\ttest -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }
47 6\t* * 7\troot\ttest -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.weekly; }
52 6\t1 * *\troot\ttest -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.monthly; }
#
`;
  const hourly = 'cd / && run-parts --report /etc/cron.hourly';
  const others = ['daily', 'weekly', 'monthly'].map(
    (often) => `test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.${often}; }`,
  );
  expect(table(text, { format: 'system' })).toEqual([
    `17 | 17 * * * * | root | ${hourly} | ${hourly}`,
    `18 | 25 6 * * * | root | ${others[0]} | ${others[0]}`,
    `19 | 47 6 * * 7 | root | ${others[1]} | ${others[1]}`,
    `20 | 52 6 1 * * | root | ${others[2]} | ${others[2]}`,
  ]);
  const { entries, problems } = readCrontab(text, { format: 'system', timezone: 'Europe/Lisbon' });
  expect(problems).toEqual([]);
  expect(entries[0]).toMatchObject({ timezone: 'Europe/Lisbon', environment: { SHELL: '/bin/sh' } });
});

test("a user's crontab keeps its names, zones and variables", () => {
  const text = `# m h  dom mon dow   command
@daily /usr/local/bin/rotate
MAILTO="ops@example.com"

# -------------------------
#  Invoices to the accountant
# -------------------------
CRON_TZ=America/Sao_Paulo
TZ=UTC
# Month end
0 7 1 * * /opt/app/bin/invoices --last-month

CRON_TZ = "europe/paris"
PATH=$HOME/bin:/usr/bin
### Warm the cache ###
*/15 8-18 * * mon-FRI curl -fsS https://shop.example/warm >/dev/null 2>&1
# 0 3 * * * /opt/app/bin/old-report
30 3 * JAN,jul sun /opt/app/bin/report
`;
  const { entries, problems } = readCrontab(text, { format: 'user' });
  expect(problems).toEqual([]);
  expect(entries).toEqual([
    {
      line: 2,
      expression: '@daily',
      timezone: 'UTC',
      command: '/usr/local/bin/rotate',
      name: '/usr/local/bin/rotate',
      environment: {},
    },
    {
      line: 11,
      expression: '0 7 1 * *',
      timezone: 'America/Sao_Paulo',
      command: '/opt/app/bin/invoices --last-month',
      name: 'Month end',
      environment: { MAILTO: 'ops@example.com', TZ: 'UTC' },
    },
    {
      line: 16,
      expression: '*/15 8-18 * * mon-FRI',
      timezone: 'Europe/Paris',
      command: 'curl -fsS https://shop.example/warm >/dev/null 2>&1',
      name: 'Warm the cache',
      environment: { MAILTO: 'ops@example.com', TZ: 'UTC', PATH: '$HOME/bin:/usr/bin' },
    },
    {
      line: 18,
      expression: '30 3 * JAN,jul sun',
      timezone: 'Europe/Paris',
      command: '/opt/app/bin/report',
      name: '/opt/app/bin/report',
      environment: { MAILTO: 'ops@example.com', TZ: 'UTC', PATH: '$HOME/bin:/usr/bin' },
    },
  ]);
});

test("the example of cronie's crontab(5) is read as its comments say", () => {
  const text = `# use /bin/sh to run commands, no matter what /etc/passwd says
SHELL=/bin/sh
# mail any output to \`paul', no matter whose crontab this is
MAILTO=paul
#
CRON_TZ=Japan
# run five minutes after midnight, every day
5 0 * * *       $HOME/bin/daily.job >> $HOME/tmp/out 2>&1
# run at 2:15pm on the first of every month -- output mailed to paul
15 14 1 * *     $HOME/bin/monthly
# run at 10 pm on weekdays, annoy Joe
0 22 * * 1-5    mail -s "It's 10pm" joe%Joe,%%Where are your kids?%
23 0-23/2 * * * echo "run 23 minutes after midn, 2am, 4am ..., everyday"
5 4 * * sun     echo "run at 5 after 4 every sunday"
`;
  expect(table(text, { format: 'user' })).toEqual([
    '8 | 5 0 * * * | $HOME/bin/daily.job >> $HOME/tmp/out 2>&1 | run five minutes after midnight, every day',
    '10 | 15 14 1 * * | $HOME/bin/monthly | run at 2:15pm on the first of every month -- output mailed to paul',
    `12 | 0 22 * * 1-5 | mail -s "It's 10pm" joe | run at 10 pm on weekdays, annoy Joe`,
    ...[
      '13 | 23 0-23/2 * * * | echo "run 23 minutes after midn, 2am, 4am ..., everyday" | echo "run 23 minutes after midn, 2am, 4am ..., everyday"',
      '14 | 5 4 * * sun | echo "run at 5 after 4 every sunday" | echo "run at 5 after 4 every sunday"',
    ],
  ]);
  const { entries, problems } = readCrontab(text, { format: 'user' });
  expect(problems).toEqual([]);
  expect(entries[2]?.stdin).toBe('Joe,\n\nWhere are your kids?\n');
  expect(entries.map(({ timezone }) => timezone)).toEqual(Array.from({ length: 5 }, () => entries[0]?.timezone));
  expect(entries[0]).toMatchObject({ timezone: 'Japan', environment: { SHELL: '/bin/sh', MAILTO: 'paul' } });
});

test('a crontab full of mistakes has a sentence for each, and keeps what is right', () => {
  const text = `MAILTO="ops
@reboot /usr/bin/warm-up
61 * * * * a
0~59 * * * * b
0 5 * * /usr/bin/backup
0 5 * * *
0 5
CRON_TZ=Europe/Atlantis
0 1 * * * under no zone
CRON_TZ=UTC
0 1 * * * right
0 0 30 2 * never
*/5 * * * * * every five seconds
please run this daily
@fortnightly c
0 0 * * monday d
H/5 * * * * e
`;
  const { entries, problems } = readCrontab(text, { format: 'user' });
  expect(entries.map(({ line, command }) => [line, command])).toEqual([[11, 'right']]);
  expect(problems.map(({ line, message }) => `${line}: ${message}`)).toEqual([
    expect.stringMatching(/^1: The value of MAILTO begins with a quote that is not closed/),
    expect.stringMatching(/^2: "@reboot" names no time/),
    expect.stringMatching(/^3: The minute field "61" of the cron expression is not understood/),
    expect.stringMatching(/^4: The field "0~59" is a random range .* write one value/),
    expect.stringMatching(/^5: The entry has 4 of .* before "\/usr\/bin\/backup": the day-of-week is missing/),
    expect.stringMatching(/^6: The entry has its times but no command/),
    expect.stringMatching(/^7: .*the day-of-month, the month, the day-of-week and the command are missing/),
    expect.stringMatching(/^8: The time zone "Europe\/Atlantis" does not exist/),
    expect.stringMatching(/^9: The entry stands under the CRON_TZ of line 8/),
    expect.stringMatching(/^12: The cron expression "0 0 30 2 \*" never fires/),
    expect.stringMatching(/^13: .*no field for seconds/),
    expect.stringMatching(/^14: The line is neither an entry.* nor a setting/),
    expect.stringMatching(/^15: "@fortnightly" is not a cron nickname/),
    expect.stringMatching(/^16: The day-of-week field "monday" .*SUN to SAT/),
    expect.stringMatching(/^17: The line is neither an entry/),
  ]);
  expect(problems[3]?.text).toBe('0~59 * * * * b');
  for (const { message } of problems) expect(message).toMatch(/^[A-Z"].{20,300}\.$/);
});
