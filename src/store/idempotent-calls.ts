/** What requests with an `Idempotency-Key` were answered. */
import sql from 'sql-template-tag';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';
import { storedOf, type Sealed, type Stored } from './stored.js';

/** What a key is unique for. */
export interface CallId {
  readonly projectId: string;
  readonly principal: string;
  /** Its method and path: `POST /api/jobs`. */
  readonly call: string;
  readonly key: string;
}

/** An answer that is kept: `Body` is a text while it is used, and stored where it is kept. */
export interface KeptAnswer<Body = string> {
  readonly status: number;
  readonly location: string | null;
  /** As it was sent; undefined when it showed a secret. */
  readonly body: Body | undefined;
  /** The id of what a secret was shown of. */
  readonly made: string | null;
}

/** For so long an answer is kept, in milliseconds. */
const KEPT_MS = 86_400_000;
/** How many are removed by one statement. */
const BATCH = 1_000;

/** Lets this transaction alone answer the call until it ends; false when another one is about it. Waits for nobody. */
export async function tryLockCall(tx: Queries, { projectId, principal, call, key }: CallId): Promise<boolean> {
  const [row] = await tx.query<{ locked: boolean }>(
    sql`select pg_try_advisory_xact_lock(hashtextextended(${`call/${projectId}/${principal}/${call} ${key}`}, 4)) as locked`,
    'try-lock-call',
  );
  return row?.locked ?? false;
}

interface CallRow extends Omit<KeptAnswer, 'body'> {
  fingerprint: Buffer;
  body: string | null;
  body_sealed: Buffer | null;
}

/** What a call was answered, and the fingerprint of its request; undefined when none is kept of it. */
export async function readCall(
  tx: Queries,
  { projectId, principal, call, key }: CallId,
  now: number,
): Promise<(KeptAnswer<Stored> & { fingerprint: Buffer }) | undefined> {
  const [row] = await tx.query<CallRow>(
    sql`select fingerprint, status, location, body, body_sealed, made from idempotent_calls
      where project_id = ${projectId} and principal = ${principal} and call = ${call} and key = ${key}
        and created_at > ${toTimestamp(now - KEPT_MS)}`,
    'read-call',
  );
  if (!row) return undefined;
  const { body, body_sealed, ...kept } = row;
  return { ...kept, body: storedOf(body_sealed, body) };
}

/** Keeps the answer of a call, in place of one whose time is over. */
export async function keepCall(
  tx: Queries,
  { projectId, principal, call, key }: CallId,
  { fingerprint, status, location, body, made }: KeptAnswer<Sealed> & { fingerprint: Buffer },
  now: number,
): Promise<void> {
  await tx.query(
    sql`insert into idempotent_calls (project_id, principal, call, key, fingerprint, status, location, body_sealed, made, created_at)
      values (${projectId}, ${principal}, ${call}, ${key}, ${fingerprint}, ${status}, ${location}, ${body?.sealed ?? null},
        ${made},
        ${toTimestamp(now)})
      on conflict (project_id, principal, call, key) do update set fingerprint = excluded.fingerprint,
        status = excluded.status, location = excluded.location, body = null,
        body_sealed = excluded.body_sealed, made = excluded.made,
        created_at = excluded.created_at`,
    'keep-call',
  );
}

/** Removes the answers whose time is over, in batches: none holds locks for long. Gives their number. */
export async function forgetCalls(db: Queries, now: number): Promise<number> {
  for (let count = 0; ;) {
    const rows = await db.query(
      sql`delete from idempotent_calls where ctid = any(array(
          select ctid from idempotent_calls where created_at <= ${toTimestamp(now - KEPT_MS)}
          order by created_at limit ${BATCH} for update skip locked))
        returning 1`,
    );
    count += rows.length;
    if (rows.length < BATCH) return count;
  }
}
