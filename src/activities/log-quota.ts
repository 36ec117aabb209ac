import { LRUCache } from 'lru-cache';
import type { Queries } from '../store/database.js';
import { takeLogBytes } from '../store/quotas.js';

/** How much of what runs log is written, by the quotas of their projects. */
export interface LogQuota {
  /** Takes bytes of a project's day; gives how many of them may be written. */
  take(projectId: string, bytes: number): Promise<number>;
}

/** For so long a new quota may go unnoticed: the price of asking seldom for a project that has none. */
const NO_QUOTA_FOR_MS = 10_000;
const MOST_PROJECTS = 10_000;

export function createLogQuota({ db, now }: { db: Queries; now: () => number }): LogQuota {
  const withoutQuota = new LRUCache<string, true>({ max: MOST_PROJECTS, ttl: NO_QUOTA_FOR_MS });
  return {
    async take(projectId, bytes) {
      if (bytes === 0 || withoutQuota.has(projectId)) return bytes;
      const granted = await takeLogBytes(db, projectId, bytes, now());
      if (granted === undefined) withoutQuota.set(projectId, true);
      return granted ?? bytes;
    },
  };
}
