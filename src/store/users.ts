import sql from 'sql-template-tag';
import { v7 as uuidv7 } from 'uuid';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';

/** When a user, or a session, was seen last is written down once in this time. */
const SEEN_TO_WITHIN_MS = 60_000;

/** A user by what the provider calls it. */
export interface Account {
  issuer: string;
  subject: string;
}

/** The id of the user of an account: made when it comes for the first time. `now` is in epoch milliseconds. */
export async function noteUser(db: Queries, { issuer, subject }: Account, now: number): Promise<string> {
  const [known] = await db.query<{ id: string; last_seen_at: Date }>(
    sql`select id, last_seen_at from users where issuer = ${issuer} and subject = ${subject}`,
    'read-user',
  );
  if (known && now - known.last_seen_at.getTime() < SEEN_TO_WITHIN_MS) return known.id;
  const [row] = await db.query<{ id: string }>(
    sql`insert into users (id, issuer, subject, created_at, last_seen_at)
      values (${uuidv7()}, ${issuer}, ${subject}, ${toTimestamp(now)}, ${toTimestamp(now)})
      on conflict (issuer, subject) do update set last_seen_at = greatest(users.last_seen_at, excluded.last_seen_at)
      returning id`,
  );
  if (!row) throw new Error('a user was not inserted');
  return row.id;
}

/** A session as stored; instants are epoch milliseconds. */
export interface SessionRecord extends Account {
  userId: string;
  groups: string[];
  lastUsedAt: number;
  expiresAt: number;
}

export interface NewSession {
  idHash: Buffer;
  userId: string;
  groups: readonly string[];
  expiresAt: number;
}

const EXPIRED_AT_ONCE = 1_000;

/** Adds a session, and takes away some that have expired at `now`, in epoch milliseconds. */
export async function insertSession(db: Queries, session: NewSession, now: number): Promise<void> {
  await db.query(sql`insert into sessions (id_hash, user_id, groups, created_at, last_used_at, expires_at)
    values (${session.idHash}, ${session.userId}, ${session.groups}, ${toTimestamp(now)}, ${toTimestamp(now)},
      ${toTimestamp(session.expiresAt)})`);
  await db.query(sql`delete from sessions where id_hash in (
    select id_hash from sessions where expires_at <= ${toTimestamp(now)} limit ${EXPIRED_AT_ONCE} for update skip locked)`);
}

export async function readSession(db: Queries, idHash: Buffer): Promise<SessionRecord | undefined> {
  const [row] = await db.query<{
    user_id: string;
    groups: string[];
    last_used_at: Date;
    expires_at: Date;
    issuer: string;
    subject: string;
  }>(
    sql`select s.user_id, s.groups, s.last_used_at, s.expires_at, u.issuer, u.subject
      from sessions s join users u on u.id = s.user_id where s.id_hash = ${idHash}`,
    'read-session',
  );
  return (
    row && {
      userId: row.user_id,
      groups: row.groups,
      lastUsedAt: row.last_used_at.getTime(),
      expiresAt: row.expires_at.getTime(),
      issuer: row.issuer,
      subject: row.subject,
    }
  );
}

/** Notes that a session, read with `lastUsedAt`, is used at `now`. */
export async function noteSessionUse(
  db: Queries,
  idHash: Buffer,
  { lastUsedAt, now }: { lastUsedAt: number; now: number },
): Promise<void> {
  if (now - lastUsedAt < SEEN_TO_WITHIN_MS) return;
  const at = toTimestamp(now);
  await db.query(sql`update sessions set last_used_at = greatest(last_used_at, ${at}) where id_hash = ${idHash}`);
}

/** Deletes a session; answers with the id of its user, or undefined when there is none. */
export async function deleteSession(db: Queries, idHash: Buffer): Promise<string | undefined> {
  const [row] = await db.query<{ user_id: string }>(
    sql`delete from sessions where id_hash = ${idHash} returning user_id`,
  );
  return row?.user_id;
}
