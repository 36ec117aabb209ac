import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { Clock } from '../platform/clock.js';
import type { Database } from '../store/database.js';
import { forgetNode, upsertNode, type NodeLoad, type NodeRecord } from '../store/nodes.js';

const SEEN_EVERY_MS = 5_000;

/** A name for this process that no other has, for the ledger and the list of nodes. */
export function nodeName(): string {
  return `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
}

/** Shows in the database that this node lives, and how much it has to do, until it is stopped. */
export async function keepSeen(
  ports: { db: Database; clock: Pick<Clock, 'now'>; logger: Logger },
  node: NodeRecord,
  load: () => NodeLoad,
): Promise<{ now(): Promise<void>; stop(): Promise<void> }> {
  const startedAt = ports.clock.now();
  const see = () => upsertNode(ports.db, { ...node, load: load() }, { startedAt, now: ports.clock.now() });
  const now = () =>
    see().catch((error: unknown) => ports.logger.warn({ err: error }, 'this node could not show that it lives'));
  await see();
  const timer = setInterval(() => void now(), SEEN_EVERY_MS);
  return {
    now,
    async stop() {
      clearInterval(timer);
      await forgetNode(ports.db, node.id);
    },
  };
}
