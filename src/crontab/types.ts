/** The words of a crontab. Every value here is plain JSON. */

/** `user`: what `crontab -e` edits. `system`: /etc/crontab and /etc/cron.d, with a user's name before each command. */
export type CrontabFormat = 'user' | 'system';

export interface CrontabOptions {
  format: CrontabFormat;
  /** The IANA zone of the entries above the first CRON_TZ: that of the crontab's machine. UTC when left out. */
  timezone?: string | undefined;
}

/** One line that names a job. */
export interface CrontabEntry {
  /** Counted from 1. */
  line: number;
  /** Five fields with single spaces, or a nickname such as `@daily`: a job's `frequency`. */
  expression: string;
  timezone: string;
  /** Of the system format: who the command runs as. */
  user?: string;
  /** For the shell, with `\%` already a percent sign. */
  command: string;
  /** What the command reads, with a line break at its end; left out when there is nothing. */
  stdin?: string;
  /** The comment directly above, or the command; at most 200 characters. */
  name: string;
  /** What the lines above set, CRON_TZ apart. Shared by the entries that have the same. */
  environment: Record<string, string>;
}

/** A line that can't be taken: its beginning, and one sentence saying what is wrong with it. */
export interface CrontabProblem {
  /** Counted from 1. */
  line: number;
  text: string;
  message: string;
}

export interface Crontab {
  entries: CrontabEntry[];
  problems: CrontabProblem[];
}
