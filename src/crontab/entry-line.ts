/** Reads the lines that name a job. */
import { parseSchedule } from '../schedule/index.js';
import type { Understood } from '../schedule/types.js';
import { inWords } from '../schedule/words.js';
import { splitAtPercent } from './percent.js';
import { cutOnWord, onOneLine } from './text.js';
import type { CrontabEntry, CrontabFormat } from './types.js';

type EntryLine = Omit<CrontabEntry, 'line' | 'name' | 'environment'>;
type Refusal = { ok: false; message: string };

const FIELDS = ['minute', 'hour', 'day-of-month', 'month', 'day-of-week'] as const;

/** useradd(8), with what FreeBSD (`user:group/class`) and Samba (`DOMAIN\user`) allow; never a path. */
const USER = /^\w[\w.@:+/\\-]*\$?$/;

/** Reads a line without leading blanks that is no setting. */
export function readEntry(line: string, format: CrontabFormat, timezone: string): Understood<EntryLine> {
  // A minus before the first field (cronie; SUSE's /etc/crontab) keeps the run out of syslog.
  const entry = line.replace(/^-(?=[\d*@])/, '');
  const times = takeWords(entry, entry.startsWith('@') ? 1 : FIELDS.length);
  const wrong = entry.startsWith('@') ? null : fieldsProblem(times.words);
  if (wrong !== null) return refuse(wrong);

  const expression = times.words.join(' ');
  const parsed = parseSchedule({ jobType: 'recurring', frequency: expression, timezone });
  if (!parsed.ok) return refuse(parsed.problems.map(({ message }) => message).join(' '));

  const work = readWork(times.rest, format);
  return work.ok ? { ok: true, value: { expression, timezone: parsed.schedule.timeZone, ...work.value } } : work;
}

const refuse = (message: string): Refusal => ({ ok: false, message });

/** A word of the line, fit to stand in a message. */
const quoted = (word: string): string => `"${cutOnWord(onOneLine(word), 64)}"`;

/** The first `count` words, fewer if there are no more, and the rest as it is written. */
function takeWords(line: string, count: number): { words: string[]; rest: string } {
  const words: string[] = [];
  let rest = line;
  while (words.length < count && rest !== '') {
    const [taken, word = ''] = /^([^ \t]*)[ \t]*/.exec(rest) ?? [rest];
    words.push(word);
    rest = rest.slice(taken.length);
  }
  return { words, rest };
}

/** What is wrong with the five fields that parseSchedule would not say in a crontab's words. */
function fieldsProblem(words: readonly string[]): string | null {
  const [minute = ''] = words;
  if (!/^[\d*?~,/-]/.test(minute) || looksLikeCommand(minute)) {
    return 'The line is neither an entry, which begins with five time fields such as "30 9 * * 1-5", nor a setting such as NAME=value.';
  }
  const end = words.findIndex(looksLikeCommand);
  const given = end === -1 ? words.length : end;
  if (given < FIELDS.length) {
    const missing = FIELDS.slice(given).map((field) => `the ${field}`);
    const has = `The entry has ${given} of its five time fields`;
    return end === -1
      ? `${has} and ends there: ${inWords([...missing, 'the command'])} are missing.`
      : `${has} before ${quoted(words[end] ?? '')}: ${inWords(missing)} ${missing.length === 1 ? 'is' : 'are'} missing.`;
  }
  const unclear = words.map(unclearProblem).find((problem) => problem !== null);
  if (unclear !== undefined) return unclear;
  if (!/^[\d*?,/-]+$/.test(minute)) {
    return `The minute field ${quoted(minute)} is not understood: it takes 0 to 59, as a value, a list (1,2), a range (1-5) or a step (*/5).`;
  }
  return null;
}

/** What is wrong with a field that cron programs read differently: a job's times must be known, and be those meant. */
function unclearProblem(field: string): string | null {
  if (field.includes('~')) {
    return `The field ${quoted(field)} is a random range (cronie, OpenBSD), and a job's times must be known: write one value, such as 17, in its place.`;
  }
  // An error to cronie (get_range() of entry.c); a range to the end to croner and Quartz.
  const stepped = /(?:^|,)(\d+)\/\d/.exec(field)?.[1];
  return stepped === undefined
    ? null
    : `The field ${quoted(field)} has a step behind a single value, which cron programs read differently: write "${cutOnWord(stepped, 8)}" alone, or a range with a step such as "0-30/10".`;
}

/** A path, a file's name, a variable or a quote: where a field was forgotten, the command is one word too early. */
function looksLikeCommand(word: string): boolean {
  return /^(?:[/.$"'[({]|~\/)|[a-z]\/\D/i.test(word) || /[a-z]\.|\.[a-z]/i.test(word);
}

/** Reads what stands behind the times: a user in the system format, then the command. */
function readWork(written: string, format: CrontabFormat): Understood<Pick<EntryLine, 'user' | 'command' | 'stdin'>> {
  // Vixie cron refuses it too, as "a common typo": no command is called so.
  if (written.startsWith('*')) {
    return refuse('Behind the five time fields stands another "*": a crontab has no field for seconds or years.');
  }
  if (format === 'user') return readCommand(written, {});
  const { words, rest } = takeWords(written, 1);
  const [user] = words;
  if (user === undefined) return refuse('The entry ends behind its times: the user and the command are missing.');
  if (!USER.test(user)) {
    return refuse(
      `The entry has ${quoted(user)} where the system format has a user: add one, or read the text in the format "user".`,
    );
  }
  if (rest === '') {
    return refuse(
      `The entry ends behind the user ${quoted(user)}: the command is missing, or the text is of the format "user".`,
    );
  }
  return readCommand(rest, { user });
}

function readCommand<T extends object>(written: string, who: T): Understood<T & ReturnType<typeof splitAtPercent>> {
  const work = splitAtPercent(written);
  return work.command === ''
    ? refuse('The entry has its times but no command: write what is to run behind them.')
    : { ok: true, value: { ...who, ...work } };
}
