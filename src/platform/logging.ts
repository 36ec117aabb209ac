import pino, { type DestinationStream, type Logger as PinoLogger } from 'pino';

/** One JSON line an event, to stdout. */
export type Logger = PinoLogger;

/**
 * The fields a line may have. Whatever else is given is dropped, so that no body, header, payload or secret gets into
 * the logs by way of an object that was passed whole.
 */
const allowedFields = new Set([
  'err',
  'requestId',
  'traceId',
  'keyId',
  'userId',
  'projectId',
  'jobId',
  'runId',
  'attempt',
  'generation',
  'handler',
  'pool',
  'node',
  'role',
  'outcome',
  'code',
  'command',
  'refusal',
  'method',
  'route',
  'status',
  'durationMs',
  'count',
  'url',
  'version',
  'part',
  'signal',
  'workflowId',
  'workflowRunId',
  'taskQueue',
  'activityType',
  'sdk',
  'anchor',
]);

/**
 * Makes a process's logger. `service` names the process's part. Lines are written in batches, at least four times a
 * second; `flushLogs` writes what is left.
 */
export function createLogger(
  options: { service: string; level: string },
  destination: DestinationStream = pino.destination({ sync: false, minLength: 4_096, periodicFlush: 250 }),
): Logger {
  return pino(
    {
      level: options.level,
      base: { service: options.service, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: onlyAllowed },
      serializers: { err: describeError },
    },
    destination,
  );
}

/** Writes the lines that are still held in memory. Nothing is lost by calling it at the very end. */
export function flushLogs(logger: Logger): Promise<void> {
  return new Promise((resolve) => logger.flush(() => resolve()));
}

function onlyAllowed(fields: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const key in fields) if (allowedFields.has(key)) kept[key] = fields[key];
  return kept;
}

const MAX_MESSAGE_LENGTH = 500;
const MAX_CAUSES = 5;

interface DescribedError {
  type: string;
  message: string;
  code?: string;
  sealed?: Record<string, string>;
  stack?: string[];
  cause?: DescribedError;
}

/**
 * An error as it is logged: a driver's own fields (the failing row, the statement's values) are left out, and of
 * Prisma's messages, which quote the arguments of the call, only the last line, which says what went wrong, is kept.
 */
export function describeError(error: unknown, depth = 0): DescribedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'something that is not an Error was thrown' };
  const code = (error as { code?: unknown }).code;
  const lines = error.name.startsWith('PrismaClient') ? error.message.trimEnd().split('\n').slice(-1) : [error.message];
  return {
    type: error.name,
    message: lines.join('').slice(0, MAX_MESSAGE_LENGTH),
    ...(typeof code === 'string' ? { code } : {}),
    ...sealedOf(error),
    stack: (error.stack ?? '').split('\n').flatMap((line) => (/^\s+at /.test(line) ? line.trim() : [])),
    ...(error.cause !== undefined && depth < MAX_CAUSES ? { cause: describeError(error.cause, depth + 1) } : {}),
  };
}

/** Where a value stands that could not be opened, as a `SealError` says it. */
const SEALED_FIELDS = ['table', 'kind', 'id', 'keyId'] as const;

function sealedOf(error: Error): Pick<DescribedError, 'sealed'> {
  const { sealed } = error as { sealed?: unknown };
  if (typeof sealed !== 'object' || sealed === null) return {};
  const fields = sealed as Partial<Record<string, unknown>>;
  const told = SEALED_FIELDS.flatMap((name) => {
    const value = fields[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  return { sealed: Object.fromEntries(told) };
}
