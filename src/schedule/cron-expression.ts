/**
 * Reads and compiles cron expressions. The pattern matching is croner's; here stands what it leaves open, and
 * sentences for what is wrong.
 */
import { Cron } from 'croner';
import { LRUCache } from 'lru-cache';
import type { Understood } from './types.js';

const NICKNAMES: Record<string, string> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** The fields in order, with what each may hold, for the sentence that refuses one. */
const FIELDS = [
  { name: 'second', allows: '0 to 59' },
  { name: 'minute', allows: '0 to 59' },
  { name: 'hour', allows: '0 to 23' },
  { name: 'day-of-month', allows: '1 to 31, L, LW or 15W' },
  { name: 'month', allows: '1 to 12 or JAN to DEC' },
  { name: 'day-of-week', allows: '0 to 7 (0 and 7 are Sunday), SUN to SAT, 5L or 5#2' },
] as const;

export interface CompiledCron {
  /** Second, minute, hour, day of month, month, day of week. */
  fields: readonly string[];
  /**
   * No wildcard and no step in the time fields: the job names times of the clock. Otherwise it follows real time.
   * Vixie cron (cron(8)) draws the line there too, for the daylight-saving rules of wall-clock.ts.
   */
  isFixedTime: boolean;
  /** The matcher, in wall time (see wall-clock.ts): at UTC offset 0 it knows no zone and reads no zone data. */
  matcher: Cron;
}

// A compiled pattern holds a table of 10,000 years, about 80 kB: hence a small cache.
const compiled = new LRUCache<string, CompiledCron>({ max: 200 });

/** Compiles an expression that `readCron` accepted. Cached. */
export function compileCron(expression: string): CompiledCron {
  const known = compiled.get(expression);
  if (known !== undefined) return known;
  const fields = fieldsOf(expression);
  const cron = { fields, isFixedTime: !/[*?/]/.test(fields.slice(0, 3).join(' ')), matcher: matcherFor(fields) };
  compiled.set(expression, cron);
  return cron;
}

function fieldsOf(expression: string): string[] {
  const fields = (NICKNAMES[expression.toLowerCase()] ?? expression).split(' ');
  return fields.length === 5 ? ['0', ...fields] : fields;
}

/**
 * Days match when day-of-month OR day-of-week does, unless one of the two fields begins with `*`: crontab(5) calls
 * only a field without a star restricted, so that `0 0 *\/2 * 1` means the odd days that are Mondays. croner has that
 * exception for the bare `*` only.
 */
export function matcherFor(fields: readonly string[]): Cron {
  const [, , , day = '*', , weekday = '*'] = fields;
  const domAndDow = /^\*./.test(day) || /^\*./.test(weekday);
  return new Cron(fields.join(' '), { utcOffset: 0, paused: true, mode: '6-part', sloppyRanges: true, domAndDow });
}

/** Reads an expression of five fields, six (seconds first), or a nickname; gives it with single spaces. */
export function readCron(text: string): Understood<string> {
  const expression = text.trim().replace(/ +/g, ' ');
  const problem = expression.startsWith('@') ? nicknameProblem(expression) : fieldProblem(expression);
  if (problem !== null) return { ok: false, message: problem };
  if (compileCron(expression).matcher.nextRun(new Date(0)) === null) {
    return {
      ok: false,
      message: `The cron expression "${expression}" never fires: no year has such a day. Choose a day that its months have.`,
    };
  }
  return { ok: true, value: expression };
}

function nicknameProblem(expression: string): string | null {
  if (NICKNAMES[expression.toLowerCase()] !== undefined) return null;
  const known = Object.keys(NICKNAMES).join(', ');
  return expression.toLowerCase() === '@reboot'
    ? `"@reboot" names no time, and a job belongs to no machine that could boot: use one of ${known}.`
    : `"${expression}" is not a cron nickname: use one of ${known}.`;
}

function fieldProblem(expression: string): string | null {
  const written = expression.split(' ');
  if (written.length !== 5 && written.length !== 6) {
    const hint = written.length === 7 ? ' A year field is not supported.' : '';
    return (
      `The cron expression "${expression}" has ${written.length} field${written.length === 1 ? '' : 's'}: write 5 ` +
      `(minute hour day-of-month month day-of-week), or 6 with the second first.${hint}`
    );
  }
  const fields = fieldsOf(expression);
  if (isPattern(fields)) return null;
  const wrong = fields.findIndex(
    (field, index) => !isPattern(FIELDS.map((_, other) => (other === index ? field : '*'))),
  );
  const spec = FIELDS[wrong];
  if (spec === undefined) return `The cron expression "${expression}" is not understood: check its fields one by one.`;
  return (
    `The ${spec.name} field "${fields[wrong]}" of the cron expression is not understood: it takes ${spec.allows}, ` +
    `as a value, a list (1,2), a range (1-5) or a step (*/5).`
  );
}

function isPattern(fields: readonly string[]): boolean {
  // Two things croner takes that no crontab does: `?` for a time, and `+` before the weekday to AND it with the day.
  if (fields.slice(0, 3).some((field) => field.includes('?')) || fields[5]?.startsWith('+')) return false;
  try {
    matcherFor(fields);
    return true;
  } catch {
    return false;
  }
}
