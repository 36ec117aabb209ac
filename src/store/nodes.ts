import type { Database } from './database.js';

/** A process that runs jobs. */
export interface NodeRecord {
  /** Unique to the process: host name, process id and a random part. */
  id: string;
  role: string;
  pools: string[];
  version: string;
}

/** A killed node does not take its row away, and its name never comes back. */
const FORGOTTEN_AFTER_MS = 86_400_000;

/** Notes that a node lives, and forgets those not seen for a day. Instants are epoch milliseconds. */
export async function upsertNode(
  db: Database,
  node: NodeRecord,
  times: { startedAt: number; now: number },
): Promise<void> {
  const { id, ...rest } = node;
  const lastSeenAt = new Date(times.now);
  await db.prisma.node.upsert({
    where: { id },
    create: { id, ...rest, startedAt: new Date(times.startedAt), lastSeenAt },
    update: { lastSeenAt },
  });
  await db.prisma.node.deleteMany({ where: { lastSeenAt: { lt: new Date(times.now - FORGOTTEN_AFTER_MS) } } });
}

/** Forgets a node that has stopped. */
export async function forgetNode(db: Database, id: string): Promise<void> {
  await db.prisma.node.deleteMany({ where: { id } });
}

/** The nodes that lived at `since` (epoch milliseconds) or later. */
export async function nodesSeenSince(db: Database, since: number): Promise<NodeRecord[]> {
  return db.prisma.node.findMany({
    where: { lastSeenAt: { gte: new Date(since) } },
    select: { id: true, role: true, pools: true, version: true },
    orderBy: { id: 'asc' },
  });
}
