import { z } from 'zod';
import { MAX_LOG_LINE_LENGTH } from '../handlers/shared/run-limits.js';
import { MAX_ERROR_LENGTH } from './limits.js';
import type { FromChild } from './messages.js';

const text = z.string().max(MAX_LOG_LINE_LENGTH);

const fromChild = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('beat') }),
  z.strictObject({
    type: z.literal('log'),
    level: z.enum(['debug', 'info', 'warn', 'error']),
    message: text,
    fields: z.record(z.string(), z.unknown()).optional(),
  }),
  z.strictObject({ type: z.literal('progress'), fraction: z.number(), message: text.optional() }),
  z.strictObject({ type: z.literal('ask'), id: z.int(), question: z.enum(['previousResult', 'upstream']) }),
  z.strictObject({ type: z.literal('handlers'), names: z.array(text).max(1_000) }),
  z.strictObject({ type: z.literal('result'), value: z.unknown().optional() }),
  z.strictObject({
    type: z.literal('error'),
    error: z.strictObject({
      code: z
        .string()
        .regex(/^[a-z][a-z0-9_]{0,63}$/)
        .optional(),
      message: z.string().max(MAX_ERROR_LENGTH),
      retryable: z.boolean().optional(),
      retryAfterMs: z.number().min(0).optional(),
    }),
  }),
]);

/** A message of a child; undefined for what is none, as a plugin can write into the channel, too. */
export function readMessage(line: string): FromChild | undefined {
  try {
    const parsed = fromChild.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
