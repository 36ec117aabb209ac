import { z } from 'zod';
import { Temporal } from 'temporal-polyfill';
import { readExecutionTime } from '../schedule/index.js';

/** The limits of what a request may hold. Each is named in the error that a breach gets. */
export const limits = {
  bodyBytes: 256 * 1024,
  payloadBytes: 64 * 1024,
  jsonDepth: 32,
  jsonKeys: 10_000,
  batchJobs: 100,
  batchBytes: 4 * 1024 * 1024,
  batchJsonKeys: 50_000,
  nameLength: 200,
  frequencyLength: 1_000,
  expressions: 20,
  timezoneLength: 64,
  instantLength: 64,
  tags: 20,
  tagLength: 64,
  reasonLength: 500,
  pageSize: 200,
  deepestPage: 1_000,
  attempts: 100,
  followed: 20,
  keyLength: 200,
  places: 10_000,
  calendars: 10,
  calendarDays: 2_000,
  projectCalendars: 200,
  runs: 1_000_000,
} as const;

/** The name of a pool: part of a task queue's name in Temporal. */
export const POOL_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** A short text of one line or more: trimmed, not empty, normalised. */
export const shortText = (what: string, max: number) =>
  z
    .string({ error: ({ input }) => `${what} ${input === undefined ? 'is missing' : 'must be a text'}` })
    .trim()
    .min(1, `${what} must not be empty`)
    .max(max, `${what} must have at most ${max} characters`)
    .normalize('NFC');

/** How an object says that it is strict: by naming what it does not know. */
export const strict: { error: z.core.$ZodErrorMap<z.core.$ZodIssueInvalidType | z.core.$ZodIssueUnrecognizedKeys> } = {
  error(issue) {
    if (issue.code === 'unrecognized_keys') {
      return `does not know the field ${issue.keys.map((key) => `"${key}"`).join(', ')}`;
    }
    return issue.code === 'invalid_type' ? 'must be a JSON object' : undefined;
  },
};

/** Any JSON value. It is not checked again here: it came out of a JSON parser, and `z.json()` costs far more than all the rest. */
export const json = z.unknown().meta({ id: 'Json', description: 'Any JSON value.' });

/** Any JSON value of a bounded size. */
export const jsonInput = json.refine(
  (value) => utf8Length(JSON.stringify(value) ?? '') <= limits.payloadBytes,
  `must have at most ${limits.payloadBytes / 1024} KiB as JSON`,
);

function utf8Length(text: string): number {
  // A UTF-16 unit is at most three bytes: most texts need no counting.
  return text.length * 3 <= limits.payloadBytes ? text.length : new TextEncoder().encode(text).length;
}

const DAY_MS = 86_400_000;

/** An ISO 8601 duration of fixed length (no months or years), read as whole milliseconds. */
export function duration(range: { minMs: number; maxMs: number; example: string }) {
  const expected = `must be an ISO 8601 duration of fixed length (no months or years) such as ${range.example}`;
  return z
    .string(expected)
    .max(64, expected)
    .meta({ examples: [range.example] })
    .transform((text, context) => {
      const ms = durationMs(text);
      if (ms === undefined) {
        context.addIssue({ code: 'custom', message: expected });
        return z.NEVER;
      }
      if (!Number.isInteger(ms)) {
        context.addIssue({ code: 'custom', message: 'must be of whole milliseconds' });
        return z.NEVER;
      }
      if (ms < range.minMs || ms > range.maxMs) {
        context.addIssue({
          code: 'custom',
          message: `must be between ${isoDuration(range.minMs)} and ${isoDuration(range.maxMs)}`,
        });
        return z.NEVER;
      }
      return ms;
    });
}

function durationMs(text: string): number | undefined {
  try {
    const parsed = Temporal.Duration.from(text);
    if (!text.startsWith('P') || parsed.years !== 0 || parsed.months !== 0) return undefined;
    return parsed.total({ unit: 'milliseconds', relativeTo: Temporal.PlainDateTime.from('2000-01-01T00:00') });
  } catch {
    return undefined;
  }
}

/** Milliseconds as an ISO 8601 duration, as answers give it: `PT0.5S`, `PT1H`, `P2D`. */
export function isoDuration(ms: number): string {
  const largestUnit = ms >= DAY_MS && ms % DAY_MS === 0 ? 'days' : 'hours';
  return Temporal.Duration.from({ milliseconds: ms }).round({ largestUnit }).toString();
}

/** An instant with an offset, read as epoch milliseconds by the rules of an execution time. */
export const instant = z
  .string('must be an RFC 3339 instant with an offset, such as 2026-03-03T06:00:00Z')
  .max(limits.instantLength)
  // Of the text, not of what is read: JSON Schema tells what is sent.
  .meta({ examples: ['2026-12-01T09:30:00Z'] })
  .transform((text, context) => {
    const read = readExecutionTime(text, null);
    if (read.ok) return read.value;
    context.addIssue({
      code: 'custom',
      message:
        'must be a date with a time and an offset (RFC 3339) that exists, of the years 1970 to 9999, such as 2026-03-03T06:00:00Z',
    });
    return z.NEVER;
  });
