/** The keys by which the requests of a project's `http` jobs are signed. */
import sql from 'sql-template-tag';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';
import type { Sealed } from './stored.js';

/** A signing key. Instants are epoch milliseconds. */
export interface SigningKey {
  id: string;
  /** Sealed, or the bytes themselves where a release before encryption wrote them. */
  key: Sealed | Buffer;
  createdAt: number;
  createdBy: string;
  /** When it signs no more; null as long as it is the newest. */
  expiresAt: number | null;
}

/** The keys that sign now, newest first. */
export async function readSigningKeys(db: Queries, projectId: string, now: number): Promise<SigningKey[]> {
  const rows = await db.query<{
    id: string;
    key: Buffer | null;
    key_sealed: Buffer | null;
    created_at: Date;
    created_by: string;
    expires_at: Date | null;
  }>(
    sql`select id, key, key_sealed, created_at, created_by, expires_at from signing_keys
      where project_id = ${projectId} and (expires_at is null or expires_at > ${toTimestamp(now)})
      order by created_at desc, id desc`,
    'read-signing-keys',
  );
  return rows.map((row) => ({
    id: row.id,
    key: row.key_sealed === null ? (row.key ?? Buffer.alloc(0)) : { sealed: row.key_sealed },
    createdAt: row.created_at.getTime(),
    createdBy: row.created_by,
    expiresAt: row.expires_at?.getTime() ?? null,
  }));
}

/**
 * Holds back everybody else who makes keys of the project, until the transaction ends.
 *
 * @returns when the newest one was made, in epoch milliseconds; null when there is none
 */
export async function lockSigningKeys(tx: Queries, projectId: string): Promise<number | null> {
  await tx.query(sql`select 1 from projects where id = ${projectId} for no key update`);
  const [row] = await tx.query<{ newest: Date | null }>(
    sql`select max(created_at) as newest from signing_keys where project_id = ${projectId}`,
  );
  return row?.newest?.getTime() ?? null;
}

/** Makes a key the newest of its project, whose keys are locked; those before it sign until `oldExpireAt` at most. */
export async function insertSigningKey(
  tx: Queries,
  projectId: string,
  key: Omit<SigningKey, 'expiresAt' | 'key'> & { key: Sealed },
  oldExpireAt: number,
): Promise<void> {
  await tx.query(
    sql`update signing_keys set expires_at = least(coalesce(expires_at, 'infinity'), ${toTimestamp(oldExpireAt)}::timestamptz)
      where project_id = ${projectId}`,
  );
  await tx.query(
    sql`insert into signing_keys (id, project_id, key_sealed, created_at, created_by)
      values (${key.id}, ${projectId}, ${key.key.sealed}, ${toTimestamp(key.createdAt)}, ${key.createdBy})`,
  );
}

/** Does away with the keys of a project that sign no more, and keeps at most `most` that do: the oldest go. */
export async function pruneSigningKeys(tx: Queries, projectId: string, now: number, most: number): Promise<void> {
  await tx.query(
    sql`delete from signing_keys where project_id = ${projectId} and (expires_at <= ${toTimestamp(now)} or id not in (
      select id from signing_keys where project_id = ${projectId} order by created_at desc, id desc limit ${most}))`,
  );
}
