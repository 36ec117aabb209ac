import sql from 'sql-template-tag';
import type { Database, Queries } from './database.js';
import { toTimestamp } from './instants.js';

/** How much a node has to do, as it last said. */
export interface NodeLoad {
  /** Handlers at work. */
  running: number;
  /** Due runs that wait for a place. */
  waiting: number;
  /** Runs taken before their instant, and polls for further ones. */
  held: number;
  /** Handlers that may be at work at once. */
  places: number;
  /** Percent of all cores of its machine, over the last few seconds; of whoever uses them. */
  cpu: number;
  /** Percent of the memory that it may use. */
  memory: number;
  /** It was told to stop: it takes no further run. */
  draining: boolean;
}

/** A process that runs jobs. */
export interface NodeRecord {
  /** Unique to the process: host name, process id and a random part. */
  id: string;
  role: string;
  pools: string[];
  version: string;
}

/** A node as it was last seen. */
export interface SeenNode extends NodeRecord {
  /** Nothing of a node that has an older version. */
  load: Partial<NodeLoad>;
  startedAt: Date;
  lastSeenAt: Date;
}

/** A node that was not seen for so long is taken for lost, in milliseconds. */
export const NODE_LOST_AFTER_MS = 30_000;

/** A killed node does not take its row away, and its name never comes back. */
const FORGOTTEN_AFTER_MS = 86_400_000;

/** Notes that a node lives, and forgets those not seen for a day. Instants are epoch milliseconds. */
export async function upsertNode(
  db: Database,
  node: NodeRecord & { load?: NodeLoad },
  times: { startedAt: number; now: number },
): Promise<void> {
  const { id, load, ...rest } = node;
  const lastSeenAt = new Date(times.now);
  const said = load && { load: { ...load } };
  await db.prisma.node.upsert({
    where: { id },
    create: { id, ...rest, ...said, startedAt: new Date(times.startedAt), lastSeenAt },
    update: { lastSeenAt, ...said },
  });
  await db.prisma.node.deleteMany({ where: { lastSeenAt: { lt: new Date(times.now - FORGOTTEN_AFTER_MS) } } });
}

/** Forgets a node that has stopped. */
export async function forgetNode(db: Database, id: string): Promise<void> {
  await db.prisma.node.deleteMany({ where: { id } });
}

/** The nodes that were seen at `since` (epoch milliseconds) or later, those that began first before the others. */
export async function nodesSeenSince(db: Queries, since: number): Promise<SeenNode[]> {
  return db.query<SeenNode>(
    sql`select id, role, pools, version, load, started_at as "startedAt", last_seen_at as "lastSeenAt" from nodes
      where last_seen_at >= ${toTimestamp(since)}::timestamptz order by started_at, id`,
  );
}

/** The roles of the nodes that were seen at `since` (epoch milliseconds) or later. */
export async function rolesSeenSince(db: Queries, since: number): Promise<ReadonlySet<string>> {
  const rows = await db.query<{ role: string }>(
    sql`select distinct role from nodes where last_seen_at >= ${toTimestamp(since)}::timestamptz`,
    'roles-seen-since',
  );
  return new Set(rows.map((row) => row.role));
}

/** All nodes that are not forgotten yet. */
export async function listNodes(db: Queries, now: number): Promise<SeenNode[]> {
  return nodesSeenSince(db, now - FORGOTTEN_AFTER_MS);
}
