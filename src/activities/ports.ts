import type { Logger } from 'pino';
import type { Handler } from '../handlers/handler.js';
import type { RunOutcome } from '../domain/run.js';
import type { Clock } from '../platform/clock.js';
import type { Database } from '../store/database.js';
import type { Vault } from '../security/encryption/vault.js';
import type { LogQuota } from './log-quota.js';
import type { StopWatch } from './stop-watch.js';
import type { HandlerSlots } from './handler-slots.js';

/** Told of what the executor does; the metrics of the node listen. */
export interface RunObserver {
  /** A run is held, or waits for a place, until the returned function is called. */
  held(): () => void;
  /** A handler was begun, and how late, where that says something of the system. */
  began(run: { handler: string; latenessMs: number | undefined }): void;
  /** The handler has ended, however. */
  attemptEnded(run: { handler: string; durationMs: number }): void;
  /** The run's outcome is in the ledger. */
  finished(run: { handler: string; outcome: RunOutcome }): void;
}

/** What executing a run needs of the world. */
export interface ExecutorPorts {
  readonly db: Database;
  readonly clock: Clock;
  /** Opens payloads, and seals results. */
  readonly vault: Vault;
  readonly handlers: { get(name: string): Handler | undefined };
  readonly slots: Pick<HandlerSlots, 'run'>;
  readonly stopWatch: StopWatch;
  readonly logQuota: LogQuota;
  /** Aborts when the node begins to stop: what it holds and has not begun is another node's from then on. */
  readonly draining: AbortSignal;
  /** This node's name in the ledger. */
  readonly node: string;
  readonly observer: RunObserver;
  readonly logger: Logger;
  /** Called after each commit that leaves something to dispatch. */
  readonly onCommitted: () => void;
}

/** What the short activities beside the workflows need of the world. */
export type SchedulerPorts = Pick<ExecutorPorts, 'db' | 'clock' | 'vault' | 'observer' | 'logger' | 'onCommitted'>;
