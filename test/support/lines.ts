import { v7 as uuidv7 } from 'uuid';
import sql from 'sql-template-tag';
import type { RunOutcome, RunTrigger, WaitReason } from '../../src/domain/run.js';
import type { CommandsBench } from './commands-bench.js';

/** A run of a job that has not ended, as a test wants it to be there. */
export interface OpenRunGiven {
  outcome?: Extract<RunOutcome, 'waiting' | 'running'>;
  trigger?: RunTrigger;
  key?: string;
  waitsFor?: WaitReason;
  isAdmitted?: boolean;
  isParallel?: boolean;
}

/** Writes an open run of a job into the ledger: one that waits, but for what is given. Returns its id. */
export async function insertOpenRun(
  { db, caller, now }: CommandsBench,
  jobId: string,
  { outcome = 'waiting', trigger = 'manual', key, waitsFor, isAdmitted = false, isParallel = false }: OpenRunGiven,
): Promise<string> {
  const id = uuidv7();
  const at = new Date(now);
  const attempts = outcome === 'running' ? 1 : 0;
  await db.query(sql`insert into runs (id, project_id, job_id, trigger, scheduled_for, outcome, generation, attempts,
      started_at, concurrency_key, waits_for, admitted, parallel)
    values (${id}, ${caller.projectId}, ${jobId}, ${trigger}, ${at}, ${outcome}, 1, ${attempts},
      ${outcome === 'running' ? at : null}, ${key ?? null}, ${waitsFor ?? null}, ${isAdmitted}, ${isParallel})`);
  if (outcome === 'running') {
    await db.query(sql`update jobs set status = 'running', running_runs = running_runs + 1 where id = ${jobId}`);
  }
  return id;
}

/** How a run stands. */
export async function readOpenRun(
  { db }: CommandsBench,
  runId: string,
): Promise<{
  outcome: string;
  waitsFor: string | null;
  isAdmitted: boolean;
  waitUntil: Date | null;
  isToStop: boolean;
}> {
  const [row] = await db.query<Awaited<ReturnType<typeof readOpenRun>>>(
    sql`select outcome, waits_for as "waitsFor", admitted as "isAdmitted", wait_until as "waitUntil",
        cancel_request is not null as "isToStop" from runs where id = ${runId}`,
  );
  if (!row) throw new Error(`no run ${runId}`);
  return row;
}
