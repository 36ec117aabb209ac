import { createHash, randomBytes } from 'node:crypto';
import type { Database, Queries } from '../store/database.js';
import {
  deleteSession,
  insertSession,
  noteSessionUse,
  noteUser,
  readSession,
  type SessionRecord,
} from '../store/users.js';
import type { Vouched } from './access-tokens.js';
import type { Admission } from './principals.js';
import { createReadCache } from './read-cache.js';
import type { Users } from './users.js';

/** Writes down whose session begins or ends, in the transaction of that. */
export type RecordSession = (tx: Queries, userId: string) => Promise<void>;

/** The sessions of browsers that somebody signed in with. */
export interface Sessions {
  /** Begins one; answers with its id, which only the browser keeps. */
  begin(somebody: Vouched, record: RecordSession): Promise<string>;
  /** Who a session is of. */
  admit(sessionId: string): Promise<Admission>;
  /** Ends a session, at once here and within the time of the cache elsewhere. Does nothing for what is none. */
  end(sessionId: string, record: RecordSession): Promise<void>;
}

export interface SessionsOptions {
  db: Pick<Database, 'query' | 'transaction'>;
  users: Users;
  /** The sessions of users of another provider open nothing. */
  issuer: string;
  /** Epoch milliseconds. */
  now: () => number;
  cacheTtlMs: number;
}

/** A session lasts so long at most: after that the provider is asked again, and with it for the groups. */
export const SESSION_MS = 12 * 60 * 60_000;
/** A session that was not used for so long has ended. */
const IDLE_MS = 2 * 60 * 60_000;
const CACHE_SIZE = 10_000;
const ID_BYTES = 32;
const SESSION_ID = /^[\w-]{43}$/;

export function createSessions({ db, users, issuer, now, cacheTtlMs }: SessionsOptions): Sessions {
  const records = createReadCache<SessionRecord | undefined>({ ttlMs: cacheTtlMs, size: CACHE_SIZE });
  const isOver = ({ lastUsedAt, expiresAt }: SessionRecord) => expiresAt <= now() || lastUsedAt + IDLE_MS <= now();

  const read = async (idHash: Buffer): Promise<SessionRecord | undefined> => {
    const record = await readSession(db, idHash);
    if (record && !isOver(record)) await noteSessionUse(db, idHash, { lastUsedAt: record.lastUsedAt, now: now() });
    return record;
  };

  return {
    async begin(somebody, record) {
      const id = randomBytes(ID_BYTES).toString('base64url');
      const userId = await noteUser(db, somebody, now());
      const session = { idHash: hashOf(id), userId, groups: somebody.groups, expiresAt: now() + SESSION_MS };
      await db.transaction(async (tx) => {
        await insertSession(tx, session, now());
        await record(tx, userId);
      });
      return id;
    },
    async admit(sessionId) {
      if (!SESSION_ID.test(sessionId)) return { refusal: 'malformed_session' };
      const idHash = hashOf(sessionId);
      const record = await records.get(idHash.toString('base64'), () => read(idHash));
      if (!record || record.issuer !== issuer) return { refusal: 'unknown_session' };
      if (isOver(record)) return { refusal: 'expired_session' };
      return { identity: await users.identify(record) };
    },
    async end(sessionId, record) {
      const idHash = hashOf(sessionId);
      await db.transaction(async (tx) => {
        const userId = await deleteSession(tx, idHash);
        if (userId !== undefined) await record(tx, userId);
      });
      records.forget(idHash.toString('base64'));
    },
  };
}

/** 256 random bits can't be guessed from a fast hash; a copy of the database signs nobody in. */
function hashOf(sessionId: string): Buffer {
  return createHash('sha256').update(sessionId).digest();
}
