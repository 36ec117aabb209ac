/** What a percent sign does in a command: crontab(5), and do_command() of Vixie cron where that leaves doubt. */

/**
 * Splits the rest of an entry at its first `%` that has no backslash: before it is the command, behind it are the lines
 * that the command reads. As in cron, stdin gets a line break at its end and is left out when empty, and blanks at the
 * end of the command, which mean nothing to a shell, are dropped.
 */
export function splitAtPercent(written: string): { command: string; stdin?: string } {
  // A backslash takes the next character with it, so `\\%` is a backslash and a split.
  const [, before = written, behind = ''] = /^((?:\\.|[^\\%])*)%(.*)$/s.exec(written) ?? [];
  const command = before
    .replace(/\\(.)/gs, (pair, character) => (character === '%' ? '%' : pair))
    .replace(/(?<!\\)[ \t]+$/, '');
  if (behind === '') return { command };
  // Here cron lets a backslash escape nothing but the percent sign, not even itself.
  const stdin = behind.replace(/\\?%/g, (sign) => (sign === '%' ? '\n' : '%'));
  return { command, stdin: stdin.endsWith('\n') ? stdin : `${stdin}\n` };
}
