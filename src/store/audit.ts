/** The audit trail, as it is written and read. */
import sql, { join, type Sql } from 'sql-template-tag';
import type { AuditFields, AuditOutcome, AuditTarget, AuditTargetKind } from '../domain/audit.js';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';
import { toJson } from './json.js';
import { sliceOf, type Slice } from './pages.js';

/** A call of the API as the audit trail tells of it. */
export interface AuditEntry {
  /** The project that was to change, or `NO_PROJECT_ID`. */
  projectId: string;
  /** Epoch milliseconds. */
  at: number;
  /** Null: nobody was let in. */
  actor: string | null;
  /** The name of the endpoint. */
  action: string;
  target: AuditTarget | null;
  outcome: AuditOutcome;
  /** Why it was refused. */
  code: string | null;
  address: string;
  requestId: string;
  before: AuditFields | null;
  after: AuditFields | null;
  /** How many refusals before this one were not written down. */
  suppressed: number;
}

/** An entry as stored. `seq` and `hash` are null until it is sealed. */
export interface AuditRecord extends AuditEntry {
  id: string;
  seq: number | null;
  hash: Buffer | null;
}

/** Writes an entry, not yet sealed: that would make all changes of a project wait for each other. */
export async function insertAuditEntry(tx: Queries, entry: AuditEntry): Promise<void> {
  const { projectId, at, actor, action, target, outcome, code, address, requestId, before, after } = entry;
  await tx.query(
    sql`insert into audit (project_id, at, actor, action, target_kind, target_id, outcome, code, address, request_id,
        before, after, suppressed)
      values (${projectId}, ${toTimestamp(at)}, ${actor}, ${action}, ${target?.kind ?? null}, ${target?.id ?? null},
        ${outcome}, ${code}, ${address}, ${requestId}, ${toJson(before ?? undefined)}, ${toJson(after ?? undefined)},
        ${entry.suppressed})`,
    'insert-audit-entry',
  );
}

/** Which entries: epoch milliseconds, `from` included and `to` not; what is left out does not matter. */
export interface AuditFilter {
  from?: number | undefined;
  to?: number | undefined;
  actor?: string | undefined;
  action?: string | undefined;
  /** The id of what was changed. */
  target?: string | undefined;
  outcome?: AuditOutcome | undefined;
}

/** Where a page ended. */
export interface AuditPosition {
  at: number;
  id: string;
}

/** A page of the entries of a project, newest first. */
export async function listAuditEntries(
  db: Queries,
  projectId: string,
  filter: AuditFilter,
  { limit, after }: { limit: number; after?: AuditPosition | undefined },
): Promise<Slice<AuditRecord, AuditPosition>> {
  const conditions = conditionsOf(projectId, filter);
  if (after) conditions.push(sql`(at, id) < (${toTimestamp(after.at)}::timestamptz, ${after.id}::bigint)`);
  const rows = await db.query<AuditRow>(
    sql`select ${auditColumns} from audit where ${join(conditions, ' and ')} order by at desc, id desc limit ${limit + 1}`,
  );
  return sliceOf(rows, limit, toAuditRecord, (row) => ({ at: row.at.getTime(), id: row.id }));
}

/** All entries of a filter, newest first, some at a time: no connection is held between them. */
export async function* readAuditEntries(
  db: Queries,
  projectId: string,
  filter: AuditFilter,
  atATime = 500,
): AsyncGenerator<AuditRecord[]> {
  let after: AuditPosition | undefined;
  do {
    const slice = await listAuditEntries(db, projectId, filter, { limit: atATime, after });
    yield slice.items;
    after = slice.next ?? undefined;
  } while (after);
}

function conditionsOf(projectId: string, { from, to, actor, action, target, outcome }: AuditFilter): Sql[] {
  const conditions = [sql`project_id = ${projectId}`];
  if (from !== undefined) conditions.push(sql`at >= ${toTimestamp(from)}::timestamptz`);
  if (to !== undefined) conditions.push(sql`at < ${toTimestamp(to)}::timestamptz`);
  if (actor !== undefined) conditions.push(sql`actor = ${actor}`);
  if (action !== undefined) conditions.push(sql`action = ${action}`);
  if (target !== undefined) conditions.push(sql`target_id = ${target}`);
  if (outcome !== undefined) conditions.push(sql`outcome = ${outcome}`);
  return conditions;
}

/** A row of `audit` as the driver gives it. */
export interface AuditRow {
  id: string;
  project_id: string;
  at: Date;
  actor: string | null;
  action: string;
  target_kind: AuditTargetKind | null;
  target_id: string | null;
  outcome: AuditOutcome;
  code: string | null;
  address: string;
  request_id: string;
  before: AuditFields | null;
  after: AuditFields | null;
  suppressed: number;
  seq: string | null;
  hash: Buffer | null;
}

export const auditColumns = sql`id, project_id, at, actor, action, target_kind, target_id, outcome, code, address, request_id,
  before, after, suppressed, seq, hash`;

export function toAuditRecord(row: AuditRow): AuditRecord {
  const { target_kind: kind, target_id: id } = row;
  return {
    id: row.id,
    projectId: row.project_id,
    at: row.at.getTime(),
    actor: row.actor,
    action: row.action,
    target: kind === null || id === null ? null : { kind, id },
    outcome: row.outcome,
    code: row.code,
    address: row.address,
    requestId: row.request_id,
    before: row.before,
    after: row.after,
    suppressed: row.suppressed,
    seq: row.seq === null ? null : Number(row.seq),
    hash: row.hash,
  };
}
