import { AppError, type Problem } from '../domain/errors.js';
import type { RetryPolicy } from '../domain/job.js';
import type { HandlerDefinition } from '../handlers/handler.js';
import { parseSchedule, type Schedule, type ScheduleInput } from '../schedule/index.js';

/** The handler of a name, or the problem of not having it. */
export function handlerNamed(
  definitions: ReadonlyMap<string, HandlerDefinition>,
  name: string,
): HandlerDefinition | Problem {
  return (
    definitions.get(name) ?? {
      pointer: '/handler',
      message: `there is no handler ${JSON.stringify(name)}; there are ${[...definitions.keys()].join(', ')}`,
    }
  );
}

/** What is wrong with a payload in the eyes of its handler. */
export function payloadProblems(definition: HandlerDefinition, payload: unknown): Problem[] {
  const parsed = definition.payloadSchema.safeParse(payload);
  if (parsed.success) return [];
  return parsed.error.issues.map((issue) => ({
    pointer: ['/payload', ...issue.path.map((key) => String(key).replaceAll('~', '~0').replaceAll('/', '~1'))].join(
      '/',
    ),
    message: issue.message,
  }));
}

/** The schedule of a request and what is wrong with it. `now` stands for an execution time of "now". */
export function scheduleOrProblems(input: ScheduleInput, now: number): { schedule?: Schedule; problems: Problem[] } {
  const executionTime = input.executionTime === 'now' ? new Date(now).toISOString() : input.executionTime;
  const parsed = parseSchedule({ ...input, executionTime });
  return parsed.ok
    ? { schedule: parsed.schedule, problems: [] }
    : { problems: parsed.problems.map(({ field, message }) => ({ pointer: `/${field}`, message })) };
}

/** A retry policy with the handler's defaults for what was left out. */
export function retryOf(
  given: {
    maxAttempts?: number | undefined;
    initialInterval?: number | undefined;
    backoffCoefficient?: number | undefined;
    maxInterval?: number | undefined;
  },
  defaults: RetryPolicy,
): RetryPolicy {
  return {
    maxAttempts: given.maxAttempts ?? defaults.maxAttempts,
    initialIntervalMs: given.initialInterval ?? defaults.initialIntervalMs,
    backoffCoefficient: given.backoffCoefficient ?? defaults.backoffCoefficient,
    maxIntervalMs: given.maxInterval ?? defaults.maxIntervalMs,
  };
}

/** Throws `validation_failed` when there is any problem. */
export function refuse(problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const named = problems.map(({ pointer, message }) => `${(pointer ?? '').slice(1)}: ${message.replace(/\.$/, '')}`);
  throw new AppError('validation_failed', `${named.join('; ')}.`, { problems });
}
