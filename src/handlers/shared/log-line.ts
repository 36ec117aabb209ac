import { inspect } from 'node:util';
import type { LogLevel } from '../handler.js';
import { LOG_LINE_OVERHEAD, MAX_LOG_LINE_LENGTH } from './run-limits.js';
import { shortened } from './text.js';

/** What a handler says in a line of its run's log. */
export interface LoggedLine {
  readonly level: LogLevel;
  readonly message: string;
  /** Plain JSON. */
  readonly fields?: Record<string, unknown>;
}

const LEVELS: ReadonlySet<string> = new Set(['debug', 'info', 'warn', 'error'] satisfies LogLevel[]);
const CUT_MARK = '… (cut)';

/**
 * A line as the log takes it: cut where it is too long, and with a copy of its fields, so that no later change of theirs
 * matters. Never throws, whatever it is given: handlers may be plain JavaScript.
 */
export function loggedLine(level: LogLevel, message: unknown, fields?: Record<string, unknown>): LoggedLine {
  const text = shortened(typeof message === 'string' ? message : inspect(message), MAX_LOG_LINE_LENGTH, CUT_MARK);
  const line = { level: LEVELS.has(level) ? level : 'info', message: text };
  return fields === undefined ? line : { ...line, fields: plainJson(fields) };
}

/** What a line counts for where the length of a log is bounded, in characters. */
export const lengthOf = ({ message, fields }: Pick<LoggedLine, 'message' | 'fields'>): number =>
  message.length + (fields === undefined ? 0 : JSON.stringify(fields).length) + LOG_LINE_OVERHEAD;

/** What a line counts for where the logs of a project are bounded, in bytes. */
export const bytesOf = ({ message, fields }: Pick<LoggedLine, 'message' | 'fields'>): number =>
  Buffer.byteLength(message) +
  (fields === undefined ? 0 : Buffer.byteLength(JSON.stringify(fields))) +
  LOG_LINE_OVERHEAD;

/** What is not JSON, or too long, is left out by name. */
function plainJson(fields: Record<string, unknown>): Record<string, unknown> {
  try {
    const text = JSON.stringify(fields);
    if (text.length > MAX_LOG_LINE_LENGTH) return { leftOut: `The fields had ${text.length} characters.` };
    const plain: unknown = JSON.parse(text);
    return plain !== null && typeof plain === 'object' && !Array.isArray(plain) ? { ...plain } : { fields: plain };
  } catch {
    return { leftOut: 'The fields are not JSON.' };
  }
}
