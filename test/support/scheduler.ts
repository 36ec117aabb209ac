import type { Client } from '@temporalio/client';
import { MockActivityEnvironment, type TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import pino from 'pino';
import sql from 'sql-template-tag';
import type { z } from 'zod';
import { createSchedulerActivities } from '../../src/activities/scheduler-activities.js';
import * as commands from '../../src/commands/index.js';
import type { Caller, CommandPorts } from '../../src/commands/index.js';
import type { CalendarInput } from '../../src/contract/calendars.js';
import {
  Backfill,
  type PauseJob,
  type ResumeJob,
  type SubmitJob,
  type UpdateJob,
} from '../../src/contract/messages.js';
import type { LifeOptions } from '../../src/dispatch/dispatch.js';
import { reconcile } from '../../src/dispatch/reconciler.js';
import { tellNewStore } from '../../src/dispatch/temporal-store.js';
import { DEFAULT_PROJECT_ID, workflowIdOf } from '../../src/domain/ids.js';
import type { RunOutcome, RunTrigger } from '../../src/domain/run.js';
import type { Handler, HandlerDefinition } from '../../src/handlers/handler.js';
import type { Clock } from '../../src/platform/clock.js';
import { openDatabase, type Database } from '../../src/store/database.js';
import { jobColumns, toJobRecord, type JobRecord, type JobRow } from '../../src/store/job-record.js';
import { nodeName } from '../../src/worker/node.js';
import { startNode, type NodeOptions, type RunningNode } from '../../src/worker/run-worker.js';
import { eventually } from './eventually.js';
import { storedOf } from '../../src/store/stored.js';
import { testVault } from './encryption.js';

/** A row of the ledger, as tests look at it. Instants are RFC 3339. */
export interface LedgerRow {
  runId: string;
  at: string;
  outcome: RunOutcome;
  reason: string | null;
  attempts: number;
  trigger: RunTrigger;
  /** When the run was to begin, where that is not its fire. */
  effectiveAt: string | null;
  count: number;
  retryOf: string | null;
  result: unknown;
}

export type BackfillInput = z.input<typeof Backfill>;

/** Carillon's whole way of a job, without the HTTP in front: real database, real Temporal, a node of this process. */
export interface Scheduler {
  readonly db: Database;
  readonly clock: Clock;
  readonly node: RunningNode;
  readonly client: Client;
  /** Runs the real command as the API would. */
  submit(job: SubmitJob, caller?: Caller): Promise<string>;
  update(jobId: string, body: UpdateJob): Promise<void>;
  pause(jobId: string, body?: PauseJob): Promise<void>;
  resume(jobId: string, body?: ResumeJob): Promise<{ fires: number; caughtUp: number }>;
  cancel(jobId: string): Promise<void>;
  trigger(jobId: string): Promise<string>;
  retry(jobId: string, runId: string): Promise<string>;
  backfill(jobId: string, body: BackfillInput): Promise<{ count: number; alreadyRan: number }>;
  putCalendar(name: string, days: CalendarInput): Promise<void>;
  /** What the schedulers do every 15 s: writes the excluded fires whose time has come. */
  settleExcluded(): Promise<void>;
  /** As if a later release did not understand the frequency any more. */
  breakFrequency(jobId: string, frequency: string): Promise<void>;
  /** What the workflow commands when a pause that was to end at `pauseUntil` (epoch milliseconds) is over. */
  endOfPause(jobId: string, pauseUntil: number): Promise<void>;
  /** How many due runs wait for a place on the node. */
  waitingForAPlace(): number;
  /** Another node beside the first, until the end. */
  join(options?: Partial<NodeOptions>): Promise<RunningNode>;
  job(jobId: string): Promise<JobRecord>;
  ledger(jobId: string): Promise<LedgerRow[]>;
  /** What happened to a job, and who did it, in order. */
  events(jobId: string): Promise<string[]>;
  /** What a scheduler does at its start, as if the last one had known another store of Temporal's. */
  tellNewStore(): Promise<void>;
  /** One round of the reconciler, for jobs of which nothing was heard for so long (milliseconds). */
  reconcile(quietMs: number): Promise<void>;
  /** The jobs with a fire before `now` that is not in the ledger, or a run that has not ended. */
  overdue(now: number): Promise<string[]>;
  /** Resolves when Temporal holds every accepted change. */
  allDispatched(): Promise<void>;
  close(): Promise<void>;
}

export interface SchedulerSetUp {
  env: Pick<TestWorkflowEnvironment, 'client' | 'nativeConnection' | 'namespace'>;
  databaseUrl: string;
  clock: Clock;
  workflowBundle: string;
  handlers: readonly Handler[];
  life?: LifeOptions;
  /** How many handlers may run at once. */
  places?: number;
  /** What the first node does; everything when left out. */
  role?: NodeOptions['role'];
  /** Asked before each command, so that it is given at the server's time. */
  sync?: () => Promise<unknown>;
}

// The SDK tells of its workers' comings and goings on the terminal otherwise.
Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });

export const CALLER: Caller = { projectId: DEFAULT_PROJECT_ID, actor: 'test' };

export async function startScheduler(setUp: SchedulerSetUp): Promise<Scheduler> {
  const { env, clock, sync, workflowBundle, life = {}, places = 20, role = 'all' } = setUp;
  const db = openDatabase({ url: setUp.databaseUrl, maxConnections: 10, applicationName: 'test' });
  const logger = pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' });
  const handlers = new Map(setUp.handlers.map((handler) => [handler.definition.name, handler]));
  const quiet = { held: () => () => {}, began() {}, attemptEnded() {}, finished() {} };
  const nodes: RunningNode[] = [];
  const join = async (options: Partial<NodeOptions> = {}) => {
    const parts = { name: nodeName(), db, vault: testVault, clock, logger, handlers, observer: quiet, version: 'test' };
    const temporal = {
      client: env.client,
      connection: env.nativeConnection,
      namespace: env.namespace ?? 'default',
    };
    const common = {
      workerVersioning: true,
      pools: ['default'],
      concurrency: places,
      shutdownGraceMs: 1_000,
      workflowBundle,
      life,
    };
    const joined = await startNode({ ...parts, ...temporal }, { role: 'all', ...common, ...options });
    nodes.push(joined);
    return joined;
  };
  const node = await join({ role });
  const definitions: ReadonlyMap<string, HandlerDefinition> = new Map(
    [...handlers].map(([name, handler]) => [name, handler.definition]),
  );
  const ports: CommandPorts = { db, vault: testVault, clock, definitions, onCommitted: node.poke };
  const catchUpWithTime = async () => void (await sync?.());

  return {
    db,
    clock,
    node,
    client: env.client,
    async submit(job, caller = CALLER) {
      await catchUpWithTime();
      return (await commands.submitJob(ports, caller, job)).jobId;
    },
    async update(jobId, body) {
      await catchUpWithTime();
      await commands.updateJob(ports, CALLER, jobId, body);
    },
    async pause(jobId, body = {}) {
      await catchUpWithTime();
      await commands.pauseJob(ports, CALLER, jobId, body);
    },
    async resume(jobId, body = {}) {
      await catchUpWithTime();
      return commands.resumeJob(ports, CALLER, jobId, body);
    },
    async cancel(jobId) {
      await catchUpWithTime();
      await commands.cancelJob(ports, CALLER, jobId);
    },
    async trigger(jobId) {
      await catchUpWithTime();
      return (await commands.triggerJob(ports, CALLER, jobId, {})).runId;
    },
    async retry(jobId, runId) {
      await catchUpWithTime();
      return (await commands.retryRun(ports, CALLER, jobId, runId)).runId;
    },
    async backfill(jobId, body) {
      await catchUpWithTime();
      return commands.backfillJob(ports, CALLER, jobId, Backfill.parse(body));
    },
    async putCalendar(name, days) {
      await catchUpWithTime();
      await commands.putCalendar(ports, CALLER, name, days);
    },
    async settleExcluded() {
      await catchUpWithTime();
      await commands.settleExcludedFires(ports);
    },
    async breakFrequency(jobId, frequency) {
      await db.query(sql`update jobs set frequency = ${frequency} where id = ${jobId}`);
    },
    async endOfPause(jobId, pauseUntil) {
      const activities = createSchedulerActivities({
        db,
        vault: testVault,
        clock,
        logger,
        observer: quiet,
        onCommitted: node.poke,
      });
      const input = { jobId, generation: 1, command: 'resume', actor: 'scheduler', pauseUntil } as const;
      await new MockActivityEnvironment().run(activities.commandJob, input);
    },
    waitingForAPlace: () => node.waitingForAPlace(),
    join,
    async job(jobId) {
      const [row] = await db.query<JobRow>(sql`select ${jobColumns()} from jobs where id = ${jobId}`);
      if (!row) throw new Error(`no job ${jobId}`);
      return toJobRecord(row);
    },
    ledger: (jobId) => readLedger(db, jobId),
    async events(jobId) {
      const rows = await db.query<{ event: string }>(
        sql`select type || ' by ' || actor as event from events where job_id = ${jobId} order by id`,
      );
      return rows.map((row) => row.event);
    },
    tellNewStore: async () => {
      await db.query(sql`insert into memory values ('temporal-namespace-id', 'another')
        on conflict (name) do update set value = 'another'`);
      await tellNewStore({ db, clock, client: env.client, logger, dispatcher: node });
    },
    reconcile: (quietMs) => reconcile({ db, clock, client: env.client, dispatcher: node }, quietMs),
    async overdue(now) {
      const rows = await db.query<{ name: string }>(
        sql`select name from jobs where (status in ('pending', 'running') and next_run_at < ${new Date(now)})
          or running_runs > 0`,
      );
      return rows.map((row) => row.name);
    },
    allDispatched: () =>
      eventually(async () => {
        const rows = await db.query(sql`select 1 from jobs where observed_generation < generation`);
        if (rows.length > 0) throw new Error(`${rows.length} jobs are not dispatched yet`);
      }),
    async close() {
      const open = await db.query<{ id: string }>(
        sql`select id from jobs where status in ('pending', 'running', 'paused')`,
      );
      await Promise.all(
        open.map(({ id }) =>
          env.client.workflow
            .getHandle(workflowIdOf(id))
            .terminate()
            .catch(() => undefined),
        ),
      );
      await Promise.all(nodes.map((each) => each.stop()));
      await db.close();
    },
  };
}

async function readLedger(db: Database, jobId: string): Promise<LedgerRow[]> {
  const rows = await db.query<StoredLedgerRow>(
    sql`select id as "runId", scheduled_for as at, effective_at as "effectiveAt", outcome, reason, attempts, trigger, fire_count as count,
        retry_of as "retryOf", result, result_sealed, project_id
      from runs where job_id = ${jobId} order by scheduled_for, id`,
  );
  return rows.map(({ result_sealed: sealed, project_id: projectId, ...row }) => ({
    ...row,
    result: testVault.openJson({ projectId, kind: 'result', id: row.runId }, storedOf(sealed, row.result)) ?? null,
    at: row.at.toISOString(),
    effectiveAt: row.effectiveAt?.toISOString() ?? null,
  }));
}

interface StoredLedgerRow extends Omit<LedgerRow, 'at' | 'effectiveAt'> {
  at: Date;
  effectiveAt: Date | null;
  result_sealed: Buffer | null;
  project_id: string;
}
