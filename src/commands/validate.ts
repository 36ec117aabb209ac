import type { Concurrency, OnLimit } from '../domain/concurrency.js';
import { AppError, type Problem } from '../domain/errors.js';
import { DEFAULT_CATCH_UP, type CatchUpPolicy, type JobType, type RetryPolicy } from '../domain/job.js';
import { may } from '../domain/permissions.js';
import type { Caller, CommandPorts } from './ports.js';
import type { HandlerDefinition } from '../handlers/handler.js';

/** The handler of a name, or the problem of not having it. */
export function handlerNamed(
  { definitions, notAllowed }: Pick<CommandPorts, 'definitions' | 'notAllowed'>,
  name: string,
): HandlerDefinition | Problem {
  return (
    definitions.get(name) ?? {
      pointer: '/handler',
      message: notAllowed?.has(name)
        ? `the handler ${JSON.stringify(name)} is not allowed here: its operator can list it in CARILLON_ALLOW`
        : `there is no handler ${JSON.stringify(name)}; there are ${[...definitions.keys()].join(', ')}`,
    }
  );
}

/** Throws `forbidden` when the handler acts with the rights of a node, and the caller may not have it do so. */
export function refuseIfPrivileged(definition: HandlerDefinition | Problem, { role }: Caller): void {
  if ('message' in definition || !definition.privileged) return;
  if (role !== undefined && may(role, 'handler:privileged')) return;
  throw new AppError(
    'forbidden',
    `The handler ${JSON.stringify(definition.name)} acts with the rights of a node: its jobs need the permission handler:privileged.`,
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

/** What only a recurring job can have. */
export function forRecurringOnly(jobType: JobType, given: { maxRuns?: unknown; overlap?: unknown }): Problem[] {
  if (jobType === 'recurring') return [];
  return (['maxRuns', 'overlap'] as const)
    .filter((field) => given[field] !== undefined)
    .map((field) => ({
      pointer: `/${field}`,
      message: `A one-time job has no ${field}: leave it out, or make jobType "recurring".`,
    }));
}

/** A retry policy with the handler's defaults for what was left out. */
export function retryOf(
  given: {
    maxAttempts?: number | undefined;
    initialInterval?: number | undefined;
    backoffCoefficient?: number | undefined;
    maxInterval?: number | undefined;
    nonRetryable?: string[] | undefined;
  },
  defaults: RetryPolicy,
): RetryPolicy {
  const nonRetryable = given.nonRetryable ?? defaults.nonRetryable ?? [];
  return {
    ...(nonRetryable.length === 0 ? {} : { nonRetryable }),
    maxAttempts: given.maxAttempts ?? defaults.maxAttempts,
    initialIntervalMs: given.initialInterval ?? defaults.initialIntervalMs,
    backoffCoefficient: given.backoffCoefficient ?? defaults.backoffCoefficient,
    maxIntervalMs: given.maxInterval ?? defaults.maxIntervalMs,
  };
}

/** A concurrency limit with what was left out. */
export function concurrencyOf(
  given: { key: string; limit: number; onLimit?: OnLimit | undefined } | null | undefined,
): Concurrency | null {
  return given ? { key: given.key, limit: given.limit, onLimit: given.onLimit ?? 'wait' } : null;
}

/** A catch-up policy with what was left out. */
export function catchUpOf(
  given: { policy?: CatchUpPolicy['policy'] | undefined; window?: number | undefined } | undefined,
  before = DEFAULT_CATCH_UP,
): CatchUpPolicy {
  return { policy: given?.policy ?? before.policy, windowMs: given?.window ?? before.windowMs };
}

/** So far ahead a schedule is looked at: farther, a rule with a COUNT would have to be counted for thousands of years. */
const FARTHEST_AHEAD_YEARS = 100;

/** What is wrong with an instant to look at, in milliseconds: that it is too far ahead. */
export function tooFarAhead(place: Pick<Problem, 'pointer' | 'parameter'>, instant: number, now: number): Problem[] {
  if (instant <= now + FARTHEST_AHEAD_YEARS * 366 * 86_400_000) return [];
  return [{ ...place, message: `must be at most ${FARTHEST_AHEAD_YEARS} years ahead` }];
}

/** Throws `validation_failed` when there is any problem. */
export function refuse(problems: readonly Problem[]): void {
  if (problems.length > 0) throw validationFailed(problems);
}

/** The refusal of a request, with all that is wrong with it in one sentence. */
export function validationFailed(problems: readonly Problem[]): AppError {
  const named = problems.map(({ pointer = '', parameter = pointer.slice(1), message }) => {
    const said = message.replace(/\.$/, '');
    return parameter === '' ? said : `${parameter}: ${said}`;
  });
  const whole = named.join('; ');
  return new AppError('validation_failed', /[.?!]$/.test(whole) ? whole : `${whole}.`, { problems });
}
