/**
 * Crontabs: what a text of crontab(5) names becomes entries, each with a job's frequency and time zone, and sentences
 * about the lines that can't be taken.
 */
export type { HttpRequest } from './http-request.js';
export { httpRequestOf } from './http-request-of.js';
export { MAX_ENTRIES, MAX_LINE_LENGTH, MAX_PROBLEMS, MAX_VARIABLES } from './limits.js';
export { readCrontab } from './read.js';
export type { Crontab, CrontabEntry, CrontabFormat, CrontabOptions, CrontabProblem } from './types.js';
