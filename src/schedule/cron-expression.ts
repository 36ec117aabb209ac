/** Reads and compiles cron expressions. */
import { LRUCache } from 'lru-cache';
import { countProblem, fieldProblem } from './cron-problems.js';
import { matcherFor, type CronMatcher } from './cron-matcher.js';
import { excerpt } from './excerpt.js';
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

export interface CompiledCron {
  /** Second, minute, hour, day of month, month, day of week. */
  fields: readonly string[];
  /**
   * No wildcard and no step in the time fields: the job names times of the clock. Otherwise it follows real time.
   * Vixie cron (cron(8)) draws the line there too, for the daylight-saving rules of cron-walls.ts.
   */
  isFixedTime: boolean;
  matcher: CronMatcher;
}

// croner's table for a pattern holds 10,000 years, about 80 kB: hence a small cache.
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

/** Reads an expression of five fields, six (seconds first), or a nickname; gives it with single spaces. */
export function readCron(text: string): Understood<string> {
  const expression = text.trim().replace(/ +/g, ' ');
  const problem = expression.startsWith('@')
    ? nicknameProblem(expression)
    : (countProblem(expression) ?? fieldProblem(fieldsOf(expression)));
  if (problem !== null) return { ok: false, message: problem };
  if (compileCron(expression).matcher.after(0) === null) {
    return {
      ok: false,
      message: `The cron expression "${excerpt(expression)}" never fires: no year has such a day. Choose a day that its months have.`,
    };
  }
  return { ok: true, value: expression };
}

function nicknameProblem(expression: string): string | null {
  if (NICKNAMES[expression.toLowerCase()] !== undefined) return null;
  const known = Object.keys(NICKNAMES).join(', ');
  return expression.toLowerCase() === '@reboot'
    ? `"@reboot" names no time, and a job belongs to no machine that could boot: use one of ${known}.`
    : `"${excerpt(expression)}" is not a cron nickname: use one of ${known}.`;
}
