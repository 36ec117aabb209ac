/**
 * The chains of the audit trail: one for each project. Each row has a hash of itself and of the hash before it, so that none
 * can be changed, taken out or moved without all hashes after it.
 */
import { createHash } from 'node:crypto';
import sql from 'sql-template-tag';
import { auditColumns, toAuditRecord, type AuditRecord, type AuditRow } from './audit.js';
import type { Database, Queries } from './database.js';
import { toTimestamp } from './instants.js';

/** What stands before the first row of a chain. */
const BEGINNING = Buffer.alloc(32);
/** How many rows are sealed, or checked, at a time. */
const BATCH = 1_000;

/** The last row of a chain. */
export interface AuditHead {
  projectId: string;
  seq: number;
  hash: Buffer;
}

/** The hash of a row at its place: the one function that makes a chain. */
export function auditHash(before: Buffer, { hash: _hash, ...row }: AuditRecord): Buffer {
  return createHash('sha256').update(before).update(canonical(row)).digest();
}

/** JSON with the names of all objects in order, however they are stored. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** Seals what was written since the last round; one process at a time. Gives the number of rows. */
export async function sealAudit(db: Database, clock: { now(): number }): Promise<number> {
  for (let count = 0; ;) {
    const sealed = await db.transaction((tx) => sealSome(tx, clock.now()));
    count += sealed;
    if (sealed < BATCH) return count;
  }
}

async function sealSome(tx: Queries, now: number): Promise<number> {
  const [lock] = await tx.query<{ locked: boolean }>(
    sql`select pg_try_advisory_xact_lock(hashtext('carillon.audit_chain')) as locked`,
  );
  if (!lock?.locked) return 0;
  const rows = await tx.query<AuditRow>(
    sql`select ${auditColumns} from audit where seq is null order by id limit ${BATCH}`,
  );
  if (rows.length === 0) return 0;
  const projects = [...new Set(rows.map((row) => row.project_id))];
  const before = await readHeads(tx, projects);
  const heads = new Map(before.map((head) => [head.projectId, head]));
  const sealed = rows.map((row) => {
    const { projectId, seq, hash } = heads.get(row.project_id) ?? {
      projectId: row.project_id,
      seq: 0,
      hash: BEGINNING,
    };
    const record = { ...toAuditRecord(row), seq: seq + 1 };
    const head = { projectId, seq: seq + 1, hash: auditHash(hash, record) };
    heads.set(projectId, head);
    return { id: row.id, seq: head.seq, hash: head.hash.toString('hex') };
  });
  await tx.query(
    sql`update audit set seq = s.seq, hash = decode(s.hash, 'hex')
      from jsonb_to_recordset(${JSON.stringify(sealed)}::jsonb) as s(id bigint, seq bigint, hash text) where audit.id = s.id and audit.seq is null`,
  );
  const ends = [...heads.values()].map((head) => ({ ...head, hash: head.hash.toString('hex') }));
  await tx.query(
    sql`insert into audit_heads (project_id, seq, hash, sealed_at)
      select h."projectId", h.seq, decode(h.hash, 'hex'), ${toTimestamp(now)}::timestamptz
        from jsonb_to_recordset(${JSON.stringify(ends)}::jsonb) as h("projectId" uuid, seq bigint, hash text)
      on conflict (project_id) do update set seq = excluded.seq, hash = excluded.hash, sealed_at = excluded.sealed_at`,
  );
  return rows.length;
}

async function readHeads(tx: Queries, projects: readonly string[]): Promise<AuditHead[]> {
  const rows = await tx.query<{ project_id: string; seq: string; hash: Buffer }>(
    sql`select project_id, seq, hash from audit_heads where project_id = any(${projects}::uuid[])`,
  );
  return rows.map((row) => ({ projectId: row.project_id, seq: Number(row.seq), hash: row.hash }));
}

/** The heads of the chains that got longer at `since` or later, in epoch milliseconds: kept elsewhere, they hold a chain fast. */
export async function headsSealedSince(db: Queries, since: number): Promise<AuditHead[]> {
  const rows = await db.query<{ project_id: string }>(
    sql`select project_id from audit_heads where sealed_at >= ${toTimestamp(since)}::timestamptz`,
  );
  return readHeads(
    db,
    rows.map((row) => row.project_id),
  );
}

/** A head as the log and the command line write it: `PROJECT:SEQ:HASH`, the hash in hexadecimal. */
export function writeAnchor({ projectId, seq, hash }: AuditHead): string {
  return `${projectId}:${seq}:${hash.toString('hex')}`;
}

/** @throws Error when it is none */
export function readAnchor(text: string): AuditHead {
  const [, projectId, seq, hash] = /^([0-9a-f-]{36}):([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (!projectId || !seq || !hash) throw new Error(`${text} is none of the form PROJECT:SEQ:HASH.`);
  return { projectId, seq: Number(seq), hash: Buffer.from(hash, 'hex') };
}

/** The first thing that is wrong with a chain. */
export interface AuditFault {
  projectId: string;
  seq: number;
  /** `missing`: no row has this place. `changed`: the row, or the one in its place, is not what was sealed. */
  what: 'missing' | 'changed';
}

/**
 * Checks all chains, and that what was noted of them elsewhere is true of them still.
 *
 * @returns for each chain how many rows it has, up to the first fault
 */
export async function verifyAudit(
  db: Database,
  anchors: readonly AuditHead[] = [],
): Promise<{ projectId: string; rows: number; fault?: AuditFault }[]> {
  const projects = await db.query<{ project_id: string }>(
    sql`select project_id from audit_heads union select distinct project_id from audit where seq is not null
      union select unnest(${anchors.map((anchor) => anchor.projectId)}::uuid[]) order by 1`,
  );
  const chains = [];
  for (const { project_id: projectId } of projects) {
    const known = anchors.filter((anchor) => anchor.projectId === projectId);
    chains.push({ projectId, ...(await verifyChain(db, projectId, known)) });
  }
  return chains;
}

async function verifyChain(
  db: Queries,
  projectId: string,
  anchors: readonly AuditHead[],
): Promise<{ rows: number; fault?: AuditFault }> {
  const [head] = await readHeads(db, [projectId]);
  // The rows that were sealed meanwhile are for the next time; without a head, all are looked at.
  const known = [...anchors, ...(head ? [head] : [])];
  const end = Math.max(0, ...known.map(({ seq }) => seq));
  let hash: Buffer = BEGINNING;
  let count = 0;
  for (;;) {
    const rows = await db.query<AuditRow>(
      sql`select ${auditColumns} from audit where project_id = ${projectId} and seq > ${count}
        ${head ? sql`and seq <= ${end}` : sql``} order by seq limit ${BATCH}`,
    );
    for (const row of rows) {
      const record = toAuditRecord(row);
      const seq = count + 1;
      if (record.seq !== seq) return { rows: count, fault: { projectId, seq, what: 'missing' } };
      hash = auditHash(hash, record);
      const isAsKnown = known.every((one) => one.seq !== seq || one.hash.equals(hash));
      if (!row.hash?.equals(hash) || !isAsKnown) return { rows: count, fault: { projectId, seq, what: 'changed' } };
      count = seq;
    }
    if (rows.length < BATCH) break;
  }
  // A chain without its head was cut off, or somebody wants it to look so.
  if (count < end || !head) return { rows: count, fault: { projectId, seq: count + 1, what: 'missing' } };
  return { rows: count };
}
