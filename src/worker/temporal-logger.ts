import { DefaultLogger, type Logger as SdkLogger } from '@temporalio/worker';
import type { Logger } from 'pino';

const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** What the SDK warns of at each start of a worker that only executes, which is what it is for. */
const NO_WORKFLOWS = 'No workflows registered, not polling for workflow tasks';

/** How the SDK tells of each one-time job whose run failed: the ledger tells of it, and it is no fault of the worker. */
const WORKFLOW_FAILED = 'Workflow failed';

/** The SDK's log, as lines of ours: its message, and the ids that our own lines have. */
export function temporalLogger(logger: Logger): SdkLogger {
  return new DefaultLogger('INFO', ({ level, message, meta }) => {
    const { error, workflowId, taskQueue, activityType } = (meta ?? {}) as Record<string, unknown>;
    if (message === NO_WORKFLOWS) return;
    // The SDK tells of its own comings and goings at info; for an operator of Carillon they are details.
    const ours = level === 'INFO' || message === WORKFLOW_FAILED ? 'debug' : levels[level];
    logger[ours]({ err: error, workflowId, taskQueue, activityType, sdk: 'temporal' }, message);
  });
}
