/** The most characters of a line: Vixie cron's own limit (MAX_COMMAND). cronie takes more; no job of ours should. */
export const MAX_LINE_LENGTH = 1_000;

export const MAX_ENTRIES = 1_000;

/**
 * Reading ends there: a text with so many wrong lines is no crontab, and an expression that never fires takes
 * milliseconds to find out.
 */
export const MAX_PROBLEMS = 100;

/** Every entry carries the variables set above it. */
export const MAX_VARIABLES = 64;

/** The longest name of a job, in UTF-16 units, as the API counts it. */
export const MAX_NAME_LENGTH = 200;

/** How much of a wrong line is shown. */
export const MAX_SHOWN_LENGTH = 200;
