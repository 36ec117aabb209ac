/** Reads `NAME=value` lines, as load_env() of Vixie cron and cronie does. */
import type { Understood } from '../schedule/types.js';

export interface Setting {
  name: string;
  value: string;
}

/** A name, in quotes or not, and what follows the equals sign. */
const SETTING = /^(["']?)([A-Za-z_]\w*)\1[ \t]*=[ \t]*(.*)$/s;

/**
 * Reads a line without leading blanks; null if it sets no variable. Nothing is expanded: crontab(5) has no `$NAME` here.
 * Quotes keep blanks at the ends, and hold no escapes. An empty value needs no quotes, which load_env() asks for.
 */
export function readSetting(line: string): Understood<Setting> | null {
  const [, , name, written = ''] = SETTING.exec(line) ?? [];
  if (name === undefined) return null;
  const quote = /^["']/.exec(written)?.[0];
  if (quote === undefined) return { ok: true, value: { name, value: written.trimEnd() } };
  const end = written.indexOf(quote, 1);
  if (end === -1) {
    return {
      ok: false,
      message: `The value of ${name} begins with a quote that is not closed: add ${quote} at its end.`,
    };
  }
  if (written.slice(end + 1).trim() !== '') {
    return {
      ok: false,
      message: `Behind the quoted value of ${name} stands more text: quote the whole, and give a comment its own line.`,
    };
  }
  return { ok: true, value: { name, value: written.slice(1, end) } };
}
