import { setTimeout as delay } from 'node:timers/promises';
import type { NativeConnection, Worker } from '@temporalio/worker';
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { createHandlerSlots } from '../activities/handler-slots.js';
import { createExecutorActivities } from '../activities/execute-run.js';
import { createStopWatch } from '../activities/stop-watch.js';
import { createSchedulerActivities } from '../activities/scheduler-activities.js';
import type { RunObserver } from '../activities/ports.js';
import { createLogQuota } from '../activities/log-quota.js';
import type { LifeOptions } from '../dispatch/dispatch.js';
import { startDispatcher, type DispatchObserver, type Dispatcher } from '../dispatch/dispatcher.js';
import { startReconciler } from '../dispatch/reconciler.js';
import { tellNewStore } from '../dispatch/temporal-store.js';
import type { Handler } from '../handlers/handler.js';
import {
  eachInTurn,
  followUp,
  giveUpWaiting,
  grantAllPlaces,
  redriveDueRuns,
  settleExcludedFires,
} from '../commands/index.js';
import type { Clock } from '../platform/clock.js';
import { startRounds } from '../platform/rounds.js';
import { headsSealedSince, sealAudit, writeAnchor } from '../store/audit-chain.js';
import type { Vault } from '../security/encryption/vault.js';
import type { Database } from '../store/database.js';
import { buildIdOf } from './build-id.js';
import { keepNewestCurrent } from './current-build.js';
import { makeCurrent, readCurrentBuild } from './deployment.js';
import { keepSeen } from './node.js';
import { createResources, NO_LIMITS, watchResources, type ResourceLimits } from './resources.js';
import { createIntake } from './slot-supplier.js';
import { createExecutorWorker, createSchedulerWorker } from './workers.js';

/** How long a round of the dispatcher or the reconciler may take to end, in milliseconds. */
const LOOPS_GRACE_MS = 1_000;

/** Held runs cost a timer each. */
const MAX_HELD_RUNS = 5_000;

/** How often excluded fires are written into the ledger, in milliseconds. */
const SETTLE_EVERY_MS = 15_000;

/** How often runs that wait for a place are looked after, in milliseconds, beside whoever frees one. */
const GRANT_EVERY_MS = 5_000;

/** How often the jobs that follow others are looked after, in milliseconds, beside whoever ends a run. */
const FOLLOW_EVERY_MS = 2_000;

/** How often runs are put to work that are to be done again at their turn, in milliseconds. */
const REDRIVE_EVERY_MS = 1_000;

/** How often what is new in the audit trail is sealed, in milliseconds. */
const SEAL_AUDIT_EVERY_MS = 5_000;

/** How often the heads of its chains are logged, in milliseconds: the log is where a database's own admin can't change them. */
const ANCHOR_AUDIT_EVERY_MS = 60 * 60_000;

/** How often an executor looks for changes that nobody has told Temporal of, in milliseconds. */
const EXECUTOR_LOOKS_EVERY_MS = 15_000;

/** What a node is made of. */
export interface NodeParts {
  /** A name that no other process has. */
  name: string;
  db: Database;
  vault: Vault;
  clock: Clock;
  client: Client;
  connection: NativeConnection;
  namespace: string;
  handlers: { get(name: string): Handler | undefined };
  observer: RunObserver;
  onDispatched?: DispatchObserver;
  logger: Logger;
  version: string;
}

export interface NodeOptions {
  role: 'scheduler' | 'executor' | 'all';
  pools: readonly string[];
  /** Handlers that may run at once. */
  concurrency: number;
  shutdownGraceMs: number;
  /** Above these the node takes no further run; none when left out. */
  limits?: ResourceLimits;
  /** Path of the built workflow bundle. */
  workflowBundle: string;
  /** Whether one build of the workflow code alone gets the workflow tasks, as far as the server can do that. */
  workerVersioning: boolean;
  /** For tests: the id of the build, instead of what the bundle says. */
  buildId?: string;
  life?: LifeOptions;
}

/** A node at work. */
export interface RunningNode {
  readonly name: string;
  /** Something was committed in this process: a scheduler looks at it now, not at its next round. */
  poke(): void;
  /** How many due runs wait for a place on this node. */
  waitingForAPlace(): number;
  /** Takes no new task, lets what runs go on for the grace, hands over the rest, and ends. */
  stop(): Promise<void>;
  /** Resolves when it has ended; rejects when a worker failed. */
  readonly ended: Promise<void>;
}

/** Starts a node: the workers of its role, and for a scheduler the dispatcher and the reconciler. */
export async function startNode(parts: NodeParts, options: NodeOptions): Promise<RunningNode> {
  const { name, db, vault, clock, logger } = parts;
  const base = {
    connection: parts.connection,
    namespace: parts.namespace,
    identity: name,
    shutdownGraceMs: options.shutdownGraceMs,
  };
  const slots = createHandlerSlots(options.concurrency);
  const resources = createResources(options.limits ?? NO_LIMITS);
  const intake = createIntake(slots, MAX_HELD_RUNS, resources);
  const draining = new AbortController();
  const { handlers, observer } = parts;
  const told: { dispatcher?: Dispatcher } = {};
  const onCommitted = () => told.dispatcher?.poke();
  const stopWatch = createStopWatch(db, (error) =>
    logger.warn({ err: error }, 'the runs under way could not be looked after; they will be'),
  );
  const runs = {
    ...{
      db,
      vault,
      clock,
      handlers,
      slots,
      stopWatch,
      logQuota: createLogQuota({ db, now: () => clock.now() }),
      node: name,
      observer,
      logger,
      onCommitted,
    },
    draining: draining.signal,
  };

  const workers: Worker[] = [];
  const buildId = options.role === 'executor' ? undefined : await versionFor(parts, options);
  if (options.role !== 'executor') {
    const activities = createSchedulerActivities(runs);
    workers.push(await createSchedulerWorker(base, options.workflowBundle, buildId, activities));
  }
  if (options.role !== 'scheduler') {
    for (const pool of options.pools) {
      const { slots: places, supplier } = intake.forPool();
      workers.push(
        await createExecutorWorker(base, pool, supplier, createExecutorActivities({ ...runs, slots: places })),
      );
    }
  }
  const running = Promise.all(workers.map((worker) => worker.run()));
  const seen = await keepSeen(
    { db, clock, logger },
    {
      id: name,
      role: options.role,
      pools: options.role === 'scheduler' ? [] : [...options.pools],
      version: parts.version,
    },
    () => ({
      ...{ running: slots.busy, waiting: slots.waiting, held: intake.ahead },
      places: options.role === 'scheduler' ? 0 : slots.places,
      ...{ cpu: Math.round(resources.cpu), memory: Math.round(resources.memory) },
      draining: draining.signal.aborted,
    }),
  );
  const current = buildId === undefined ? undefined : keepNewestCurrent(parts, { buildId, node: name });
  const loops =
    options.role === 'executor' ? startExecutorLoops(parts, options.life) : startSchedulerLoops(parts, options.life);
  told.dispatcher = loops.dispatcher;
  const watching = watchResources(resources);

  let stopping: Promise<void> | undefined;
  return {
    name,
    poke: () => loops.dispatcher.poke(),
    waitingForAPlace: () => slots.waiting,
    ended: running.then(() => undefined),
    stop() {
      stopping ??= (async () => {
        draining.abort(new Error('the node stops'));
        watching.stop();
        void seen.now();
        for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
        // What Temporal has not answered by then stays in the database, for another node or the next start.
        await Promise.race([
          Promise.all([loops.stop(), current?.stop()]),
          delay(LOOPS_GRACE_MS, undefined, { ref: false }),
        ]);
        await running;
        await seen.stop();
      })();
      return stopping;
    },
  };
}

/** The build id that a scheduler's worker goes by; undefined where all of them share the workflow tasks. */
async function versionFor(
  { client, logger, name }: NodeParts,
  { workerVersioning, workflowBundle, buildId }: NodeOptions,
): Promise<string | undefined> {
  const current = await readCurrentBuild(client);
  if (current === undefined) {
    if (workerVersioning) {
      logger.warn(
        'this Temporal knows no worker deployments: during an upgrade, workflows change between old and new code',
      );
    }
    return undefined;
  }
  if (workerVersioning) return buildId ?? buildIdOf(workflowBundle);
  // Left as it is, none of the workers without a build would get a task.
  if (current !== null) await makeCurrent(client, null, name);
  return undefined;
}

async function logAuditHeads({ db, clock, logger }: Pick<NodeParts, 'db' | 'clock' | 'logger'>): Promise<void> {
  // Twice as far back as the last time, so that none is left out between two rounds.
  for (const head of await headsSealedSince(db, clock.now() - 2 * ANCHOR_AUDIT_EVERY_MS)) {
    logger.info({ anchor: writeAnchor(head) }, 'the audit trail is sealed so far');
  }
}

interface Loops {
  dispatcher: Dispatcher;
  stop(): Promise<unknown>;
}

/** What a run of this node leaves to dispatch is told at once; what others leave is for them. */
function startExecutorLoops({ db, clock, client, logger, onDispatched }: NodeParts, life: LifeOptions = {}): Loops {
  const dispatcher = startDispatcher(
    { db, clock, client, logger, onDispatched },
    { life, idleMs: EXECUTOR_LOOKS_EVERY_MS },
  );
  return { dispatcher, stop: () => dispatcher.stop() };
}

function startSchedulerLoops(
  { db, vault, clock, client, logger, onDispatched }: NodeParts,
  life: LifeOptions = {},
): Loops {
  const ports = { db, vault, clock, client, logger };
  const dispatcher = startDispatcher({ ...ports, onDispatched }, { life });
  tellNewStore({ ...ports, dispatcher }).catch((error: unknown) =>
    logger.warn(
      { err: error },
      'Temporal was not asked whether its store is the same; the reconciler finds what is overdue',
    ),
  );
  const reconciler = startReconciler({ ...ports, dispatcher });
  const settling = startRounds(
    SETTLE_EVERY_MS,
    () => settleExcludedFires(ports),
    (error) => logger.warn({ err: error }, 'excluded fires could not be written into the ledger; they will be'),
  );
  const granting = startRounds(
    GRANT_EVERY_MS,
    () => grantAllPlaces({ ...ports, onCommitted: dispatcher.poke }),
    (error) => logger.warn({ err: error }, 'the runs that wait for a place could not be looked after; they will be'),
  );
  const following = startRounds(
    FOLLOW_EVERY_MS,
    () => eachInTurn([followUp, giveUpWaiting], (look) => look({ ...ports, onCommitted: dispatcher.poke })),
    (error) => logger.warn({ err: error }, 'the jobs that follow others could not be looked after; they will be'),
  );
  const notRetried = (error: unknown) => logger.warn({ err: error }, 'a run could not be done again yet; it will be');
  const redriving = startRounds(
    REDRIVE_EVERY_MS,
    () => redriveDueRuns({ ...ports, onCommitted: dispatcher.poke }, notRetried),
    notRetried,
  );
  const sealing = startRounds(
    SEAL_AUDIT_EVERY_MS,
    () => sealAudit(db, clock),
    (error) => logger.warn({ err: error }, 'the audit trail could not be sealed; it will be'),
  );
  const anchoring = startRounds(
    ANCHOR_AUDIT_EVERY_MS,
    () => logAuditHeads(ports),
    (error) => logger.warn({ err: error }, 'the heads of the audit trail could not be read'),
  );
  const rounds = [dispatcher, reconciler, settling, granting, following, redriving, sealing, anchoring];
  return { dispatcher, stop: () => Promise.all(rounds.map((round) => round.stop())) };
}
