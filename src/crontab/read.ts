/** Reads a whole crontab: crontab(5) of Vixie cron, Debian and cronie. */
import { parseSchedule } from '../schedule/index.js';
import type { Understood } from '../schedule/types.js';
import { readEntry } from './entry-line.js';
import { MAX_ENTRIES, MAX_LINE_LENGTH, MAX_PROBLEMS, MAX_SHOWN_LENGTH, MAX_VARIABLES } from './limits.js';
import { nameOf } from './name.js';
import { readSetting, type Setting } from './setting-line.js';
import { cutOnWord, onOneLine } from './text.js';
import type { Crontab, CrontabEntry, CrontabOptions } from './types.js';

/** What the lines above say for those below. */
interface Context {
  timezone: string;
  /** The line of a CRON_TZ that is wrong, if the last one is: what stands below it has no known time. */
  wrongZoneAt: number | null;
  environment: Record<string, string>;
}

/** What a line comes to: a job, a change of the context, or neither. */
type Meaning = { entry: CrontabEntry } | { context: Context };

/**
 * Reads a crontab. Every line that is neither blank, nor a comment, nor a setting is in `entries` or in `problems`; a
 * wrong setting is in `problems` too. Reading ends at the entry after the 1,000th and at the problem after the 100th,
 * with a last problem that says so. Never throws.
 */
export function readCrontab(text: string, { format, timezone = 'UTC' }: CrontabOptions): Crontab {
  const crontab: Crontab = { entries: [], problems: [] };
  let context: Context = { timezone, wrongZoneAt: null, environment: {} };
  let comments: string[] = [];

  for (const [index, written] of linesOf(text)) {
    const [line, number] = [written.replace(/^[ \t]+/, ''), index + 1];
    if (line.startsWith('#')) {
      comments.push(line);
      continue;
    }
    const above = comments;
    comments = [];
    if (line === '') continue;

    const read = readLine(line, number, context, format, above);
    const stop = reasonToStop(crontab, read);
    if (read.ok && stop === null) {
      if ('entry' in read.value) crontab.entries.push(read.value.entry);
      else context = read.value.context;
      continue;
    }
    const message = stop ?? (read.ok ? '' : read.message);
    crontab.problems.push({ line: number, text: cutOnWord(onOneLine(line), MAX_SHOWN_LENGTH), message });
    if (stop !== null) break;
    if (/^(["']?)CRON_TZ\1[ \t]*=/.test(line)) context = { ...context, wrongZoneAt: number };
  }
  return crontab;
}

/** The lines, without a byte-order mark and the line breaks of Unix or Windows. */
function linesOf(text: string): Iterable<[number, string]> {
  const lines = text.replace(/^\ufeff/, '').split('\n');
  return lines.map((line) => line.replace(/\r$/, '')).entries();
}

function reasonToStop({ entries, problems }: Crontab, read: Understood<Meaning>): string | null {
  if (!read.ok) {
    return problems.length < MAX_PROBLEMS
      ? null
      : `More than ${MAX_PROBLEMS} lines are wrong, so nothing is read from this one on: mend those above first.`;
  }
  return 'entry' in read.value && entries.length === MAX_ENTRIES
    ? `More than ${MAX_ENTRIES} entries are not taken, so nothing is read from this one on: split the text.`
    : null;
}

/** Reads a line that is neither blank nor a comment. */
function readLine(
  line: string,
  number: number,
  context: Context,
  format: CrontabOptions['format'],
  comments: readonly string[],
): Understood<Meaning> {
  if (line.includes('\0')) return refuse('The line holds a NUL character: save the crontab as plain text (UTF-8).');
  if (line.length > MAX_LINE_LENGTH) {
    return refuse(
      `The line has ${line.length} characters, and cron takes ${MAX_LINE_LENGTH}: put the work in a script.`,
    );
  }
  const setting = readSetting(line);
  if (setting !== null) return setting.ok ? applySetting(setting.value, context) : setting;

  const { wrongZoneAt, timezone, environment } = context;
  const entry = readEntry(line, format, wrongZoneAt === null ? timezone : 'UTC');
  if (!entry.ok) return entry;
  if (wrongZoneAt !== null) {
    return refuse(`The entry stands under the CRON_TZ of line ${wrongZoneAt}, which is wrong: mend that line first.`);
  }
  const name = nameOf(comments, entry.value.command);
  return { ok: true, value: { entry: { line: number, ...entry.value, name, environment } } };
}

const refuse = (message: string): { ok: false; message: string } => ({ ok: false, message });

/** CRON_TZ says the zone of the times below it (cronie). TZ is only the command's own, and stays a variable. */
function applySetting({ name, value }: Setting, context: Context): Understood<Meaning> {
  if (name === 'CRON_TZ') {
    const parsed = parseSchedule({ jobType: 'recurring', frequency: 'daily', timezone: value });
    return parsed.ok
      ? { ok: true, value: { context: { ...context, timezone: parsed.schedule.timeZone, wrongZoneAt: null } } }
      : refuse(parsed.problems.map(({ message }) => message).join(' '));
  }
  const environment = { ...context.environment, [name]: value };
  return Object.keys(environment).length > MAX_VARIABLES
    ? refuse(`The variable ${cutOnWord(name, 64)} is one too many: at most ${MAX_VARIABLES} are taken.`)
    : { ok: true, value: { context: { ...context, environment } } };
}
