import { z } from 'zod';
import type { HandlerDefinition } from '../handlers/handler.js';

/** What a handler may be called: it appears in jobs, permissions, metrics and file names. */
const HANDLER_NAME = /^[a-z][a-z0-9-]{0,63}$/;
const MAX_DESCRIPTION_LENGTH = 500;
const DAY_MS = 86_400_000;

const number = (name: string, unit: string, min: number, max: number) => {
  const message = `${name} must be ${unit} from ${min} to ${max}`;
  return z.number(message).min(min, message).max(max, message);
};
const whole = (name: string, unit: string, min: number, max: number) =>
  number(name, unit, min, max).refine(Number.isInteger, `${name} must be ${unit} from ${min} to ${max}`);
const flag = (name: string) => z.boolean(`${name} must be true or false`).optional();

/** The bounds are those that a job's own `timeout` and `retry` have. */
const retry = object('defaults.retry', {
  maxAttempts: whole('defaults.retry.maxAttempts', 'a whole number', 1, 100),
  initialIntervalMs: number('defaults.retry.initialIntervalMs', 'milliseconds', 0, DAY_MS),
  backoffCoefficient: number('defaults.retry.backoffCoefficient', 'a number', 1, 10),
  maxIntervalMs: number('defaults.retry.maxIntervalMs', 'milliseconds', 0, 7 * DAY_MS),
});

const definition = object('a definition', {
  name: z
    .string('name must be a text')
    .regex(HANDLER_NAME, 'name must be of lower case letters, digits and -, begin with a letter, and have at most 64'),
  description: z
    .string('description must be a text')
    .min(1, 'description must not be empty')
    .max(MAX_DESCRIPTION_LENGTH, `description must have at most ${MAX_DESCRIPTION_LENGTH} characters`),
  payloadSchema: z.custom(isZod4Schema, 'payloadSchema must be a schema of zod 4'),
  defaults: object('defaults', {
    timeoutMs: number('defaults.timeoutMs', 'milliseconds', 100, DAY_MS),
    retry,
  }),
  privileged: flag('privileged'),
  isolated: flag('isolated'),
});

/** Why something is no definition of a handler; undefined when it is one. A field that we do not know is a mistake, too. */
export function definitionProblem(given: unknown): string | undefined {
  const parsed = definition.safeParse(given);
  return parsed.success ? undefined : parsed.error.issues[0]?.message;
}

/** By its shape: a plugin has a zod of its own. A schema of zod 3 has `_def`, but not `_zod`. */
export function isZod4Schema(given: unknown): given is HandlerDefinition['payloadSchema'] {
  if (given === null || typeof given !== 'object') return false;
  const { _zod, safeParse } = given as { _zod?: unknown; safeParse?: unknown };
  return typeof _zod === 'object' && _zod !== null && typeof safeParse === 'function';
}

function object<Shape extends z.ZodRawShape>(name: string, shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `${name} has no field ${issue.keys.join(', ')}`
        : `${name} must be an object`,
  });
}
