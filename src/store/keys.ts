import sql from 'sql-template-tag';
import type { Database, Queries } from './database.js';

/** An API key as stored: of the secret only its SHA-256. Instants are epoch milliseconds. */
export interface KeyRecord {
  id: string;
  projectId: string;
  secretHash: Buffer;
  role: string;
  expiresAt: number | null;
  revokedAt: number | null;
}

export interface NewKey {
  id: string;
  projectId: string;
  name: string;
  secretHash: Buffer;
  role: string;
}

/** The key of an id: the one look-up that comes before any project is known. */
export async function readKey(db: Queries, id: string): Promise<KeyRecord | undefined> {
  const [row] = await db.query<{
    id: string;
    project_id: string;
    secret_hash: Buffer;
    role: string;
    expires_at: Date | null;
    revoked_at: Date | null;
  }>(sql`select id, project_id, secret_hash, role, expires_at, revoked_at from api_keys where id = ${id}`, 'read-key');
  return (
    row && {
      id: row.id,
      projectId: row.project_id,
      secretHash: row.secret_hash,
      role: row.role,
      expiresAt: row.expires_at?.getTime() ?? null,
      revokedAt: row.revoked_at?.getTime() ?? null,
    }
  );
}

/**
 * Puts in a key that the operator keeps, valid whatever it was before; another key of the same name in the project is
 * revoked at `now` (epoch milliseconds), so that a replaced one opens nothing any more.
 */
export async function replaceKey(db: Database, key: NewKey, now: number): Promise<void> {
  await db.transaction(async (tx) => {
    await lockFirstKeys(tx);
    await tx.query(sql`insert into api_keys (id, project_id, name, secret_hash, role)
      values (${key.id}, ${key.projectId}, ${key.name}, ${key.secretHash}, ${key.role})
      on conflict (id) do update set project_id = excluded.project_id, name = excluded.name,
        secret_hash = excluded.secret_hash, role = excluded.role, expires_at = null, revoked_at = null`);
    await tx.query(sql`update api_keys set revoked_at = ${new Date(now)}
      where project_id = ${key.projectId} and name = ${key.name} and id <> ${key.id} and revoked_at is null`);
  });
}

/**
 * Makes the first key of an instance that has none: `make` is asked for it, by one process at a time; undefined, or
 * what it throws, leaves the instance without. Returns whether the instance has a key now.
 */
export async function insertFirstKey(db: Database, make: () => Promise<NewKey | undefined>): Promise<boolean> {
  return db.transaction(async (tx) => {
    await lockFirstKeys(tx);
    const [existing] = await tx.query(sql`select 1 from api_keys limit 1`);
    if (existing) return true;
    const key = await make();
    if (!key) return false;
    await tx.query(sql`insert into api_keys (id, project_id, name, secret_hash, role)
      values (${key.id}, ${key.projectId}, ${key.name}, ${key.secretHash}, ${key.role})`);
    return true;
  });
}

/** Held until the transaction ends: servers that start together take their turns. */
async function lockFirstKeys(tx: Queries): Promise<void> {
  await tx.query(sql`select pg_advisory_xact_lock(hashtext('carillon.first_keys'))`);
}
