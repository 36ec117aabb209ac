import sql, { type Sql } from 'sql-template-tag';
import type { Role } from '../domain/permissions.js';
import type { Database, Queries } from './database.js';
import { toTimestamp } from './instants.js';

/** An API key as stored: of the secret only its SHA-256. Instants are epoch milliseconds. */
export interface KeyRecord {
  id: string;
  secretHash: Buffer;
  role: string;
  isInstanceAdmin: boolean;
  expiresAt: number | null;
  revokedAt: number | null;
  project: { id: string; slug: string; name: string };
}

export interface NewKey {
  id: string;
  projectId: string;
  name: string;
  secretHash: Buffer;
  role: Role;
  isInstanceAdmin: boolean;
  /** Null: an operator, through the environment. */
  createdBy?: string | null;
  expiresAt?: number | null | undefined;
}

/** What may be shown of a key. Instants are epoch milliseconds. */
export interface KeyFacts {
  id: string;
  name: string;
  role: Role;
  isInstanceAdmin: boolean;
  createdAt: number;
  createdBy: string | null;
  expiresAt: number | null;
  revokedAt: number | null;
  /** To within a minute. */
  lastUsedAt: number | null;
}

/** The key of an id: the one look-up that comes before any project is known. */
export async function readKey(db: Queries, id: string): Promise<KeyRecord | undefined> {
  const [row] = await db.query<{
    id: string;
    secret_hash: Buffer;
    role: string;
    instance_admin: boolean;
    expires_at: Date | null;
    revoked_at: Date | null;
    project_id: string;
    slug: string;
    project_name: string;
  }>(
    sql`select k.id, k.secret_hash, k.role, k.instance_admin, k.expires_at, k.revoked_at, k.project_id, p.slug, p.name as project_name
      from api_keys k join projects p on p.id = k.project_id where k.id = ${id}`,
    'read-key',
  );
  return (
    row && {
      id: row.id,
      secretHash: row.secret_hash,
      role: row.role,
      isInstanceAdmin: row.instance_admin,
      expiresAt: row.expires_at?.getTime() ?? null,
      revokedAt: row.revoked_at?.getTime() ?? null,
      project: { id: row.project_id, slug: row.slug, name: row.project_name },
    }
  );
}

interface FactsRow {
  id: string;
  name: string;
  role: Role;
  instance_admin: boolean;
  created_at: Date;
  created_by: string | null;
  expires_at: Date | null;
  revoked_at: Date | null;
  last_used_at: Date | null;
}
const facts = sql`id, name, role, instance_admin, created_at, created_by, expires_at, revoked_at, last_used_at`;

/** The keys of a project, newest first; those that were revoked, too. */
export async function listKeys(db: Queries, projectId: string): Promise<KeyFacts[]> {
  const rows = await db.query<FactsRow>(
    sql`select ${facts} from api_keys where project_id = ${projectId} order by created_at desc, id`,
  );
  return rows.map(toFacts);
}

/** Locks a project's key until the transaction ends, and reads it as it is then. */
export async function lockKey(tx: Queries, projectId: string, id: string): Promise<KeyFacts | undefined> {
  const [row] = await tx.query<FactsRow>(
    sql`select ${facts} from api_keys where id = ${id} and project_id = ${projectId} for update`,
  );
  return row && toFacts(row);
}

/** How many keys of a project open something at `now`, in epoch milliseconds; nobody else makes one until the transaction ends. */
export async function countValidKeys(tx: Queries, projectId: string, now: number): Promise<number> {
  await tx.query(sql`select 1 from projects where id = ${projectId} for no key update`);
  const [row] = await tx.query<{ count: number }>(
    sql`select count(*)::int as count from api_keys where project_id = ${projectId} and revoked_at is null
      and (expires_at is null or expires_at > ${toTimestamp(now)})`,
  );
  return row?.count ?? 0;
}

/** Adds a key; answers with what may be shown of it. */
export async function insertKey(tx: Queries, key: NewKey, now: number): Promise<KeyFacts> {
  const [row] = await tx.query<FactsRow>(sql`${insertOf(key, now)} returning ${facts}`);
  if (!row) throw new Error('a key was not inserted');
  return toFacts(row);
}

function insertOf(key: NewKey, now: number): Sql {
  return sql`insert into api_keys (id, project_id, name, secret_hash, role, instance_admin, created_at, created_by, expires_at)
    values (${key.id}, ${key.projectId}, ${key.name}, ${key.secretHash}, ${key.role}, ${key.isInstanceAdmin},
      ${toTimestamp(now)}, ${key.createdBy ?? null}, ${toTimestamp(key.expiresAt ?? null)})`;
}

/** Ends a key's use for good; one that was revoked before stays so. */
export async function revokeKey(tx: Queries, projectId: string, id: string, now: number): Promise<void> {
  await tx.query(
    sql`update api_keys set revoked_at = coalesce(revoked_at, ${toTimestamp(now)}) where id = ${id} and project_id = ${projectId}`,
  );
}

/** Lets a key expire at `at` (epoch milliseconds), if it does not do so before. */
export async function expireKey(tx: Queries, projectId: string, id: string, at: number): Promise<void> {
  await tx.query(
    sql`update api_keys set expires_at = least(expires_at, ${toTimestamp(at)}::timestamptz)
      where id = ${id} and project_id = ${projectId}`,
  );
}

/** Notes when keys were used last; `uses` are their ids with epoch milliseconds. */
export async function noteKeyUse(db: Queries, uses: readonly { id: string; at: number }[]): Promise<void> {
  const rows = uses.map(({ id, at }) => ({ id, at: toTimestamp(at) }));
  await db.query(
    sql`update api_keys set last_used_at = greatest(last_used_at, u.at)
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as u(id text, at timestamptz) where api_keys.id = u.id`,
  );
}

/**
 * Puts in a key that the operator keeps, valid whatever it was before; another key of the same name in the project is
 * revoked at `now` (epoch milliseconds), so that a replaced one opens nothing any more.
 */
export async function replaceKey(db: Database, key: NewKey, now: number): Promise<void> {
  await db.transaction(async (tx) => {
    await lockFirstKeys(tx);
    await tx.query(sql`${insertOf(key, now)}
      on conflict (id) do update set project_id = excluded.project_id, name = excluded.name,
        secret_hash = excluded.secret_hash, role = excluded.role, instance_admin = excluded.instance_admin,
        expires_at = null, revoked_at = null`);
    await tx.query(sql`update api_keys set revoked_at = ${new Date(now)}
      where project_id = ${key.projectId} and name = ${key.name} and created_by is null and id <> ${key.id}
        and revoked_at is null`);
  });
}

/**
 * Makes the first key of an instance that has none: `make` is asked for it, by one process at a time; undefined, or
 * what it throws, leaves the instance without. Returns whether the instance has a key now.
 */
export async function insertFirstKey(
  db: Database,
  make: () => Promise<NewKey | undefined>,
  now: number,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    await lockFirstKeys(tx);
    const [existing] = await tx.query(sql`select 1 from api_keys limit 1`);
    if (existing) return true;
    const key = await make();
    if (!key) return false;
    await tx.query(insertOf(key, now));
    return true;
  });
}

/** Held until the transaction ends: servers that start together take their turns. */
async function lockFirstKeys(tx: Queries): Promise<void> {
  await tx.query(sql`select pg_advisory_xact_lock(hashtext('carillon.first_keys'))`);
}

function toFacts(row: FactsRow): KeyFacts {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    isInstanceAdmin: row.instance_admin,
    createdAt: row.created_at.getTime(),
    createdBy: row.created_by,
    expiresAt: row.expires_at?.getTime() ?? null,
    revokedAt: row.revoked_at?.getTime() ?? null,
    lastUsedAt: row.last_used_at?.getTime() ?? null,
  };
}
