import { createHash } from 'node:crypto';
import { highestRole } from '../domain/permissions.js';
import type { Queries } from '../store/database.js';
import { readProjectRoles } from '../store/members.js';
import { noteUser } from '../store/users.js';
import type { Vouched } from './access-tokens.js';
import type { Identity, ProjectAccess } from './principals.js';
import { createReadCache } from './read-cache.js';

/** Knows what the people of a provider may do here. */
export interface Users {
  /** Somebody's id, made when they come for the first time, and what they may do. */
  identify(somebody: Vouched): Promise<Identity>;
  /** Reads all memberships anew: some have changed. */
  forgetMembers(): void;
}

export interface UsersOptions {
  db: Queries;
  /** Epoch milliseconds. */
  now: () => number;
  /** For how long memberships are taken to be as they were last read. */
  cacheTtlMs: number;
  /** Who is in it manages the projects of the instance. */
  adminGroup: string | undefined;
}

const CACHE_SIZE = 10_000;
const IDS_TTL_MS = 60_000;

export function createUsers({ db, now, cacheTtlMs, adminGroup }: UsersOptions): Users {
  const ids = createReadCache<string>({ ttlMs: IDS_TTL_MS, size: CACHE_SIZE });
  const accesses = createReadCache<ProjectAccess[]>({ ttlMs: cacheTtlMs, size: CACHE_SIZE });
  return {
    async identify(somebody) {
      const { issuer, subject, groups } = somebody;
      const [id, projects] = await Promise.all([
        ids.get(digestOf([issuer, subject]), () => noteUser(db, somebody, now())),
        accesses.get(digestOf([issuer, subject, groups]), () => readAccesses(db, somebody)),
      ]);
      return { kind: 'user', id, isInstanceAdmin: adminGroup !== undefined && groups.includes(adminGroup), projects };
    },
    forgetMembers: () => accesses.forgetAll(),
  };
}

async function readAccesses(db: Queries, somebody: Vouched): Promise<ProjectAccess[]> {
  const projects = await readProjectRoles(db, somebody, somebody.groups);
  return projects.flatMap(({ projectId, slug, name, roles }) => {
    const role = highestRole(roles);
    return role === undefined ? [] : [{ projectId, slug, name, role }];
  });
}

/** A key of a cache that is short however many groups there are. */
function digestOf(parts: unknown): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}
