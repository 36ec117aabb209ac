import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Clock } from '../platform/clock.js';
import type { Database } from '../store/database.js';
import { redispatchAll } from '../store/dispatches.js';
import { recall, remember } from '../store/memory.js';
import type { Dispatcher } from './dispatcher.js';

const STORE = 'temporal-namespace-id';

interface Ports {
  db: Database;
  clock: Pick<Clock, 'now'>;
  client: Client;
  logger: Logger;
  dispatcher: Pick<Dispatcher, 'poke'>;
}

/**
 * Looks whether Temporal's store is the one that was told of our jobs. A namespace's id is made with the store: where
 * it is another (the store was lost, or Temporal is another one now), every job that has not ended is told again.
 */
export async function tellNewStore(ports: Ports): Promise<void> {
  const { namespace } = ports.client.options;
  const { namespaceInfo } = await ports.client.workflowService.describeNamespace({ namespace });
  if (!namespaceInfo?.id) return;
  const before = await recall(ports.db, STORE);
  if (before === namespaceInfo.id) return;
  if (before !== undefined) await tellAll(ports);
  // Last, so that one who dies before it leaves it to the next.
  await remember(ports.db, STORE, namespaceInfo.id);
}

async function tellAll(ports: Ports): Promise<void> {
  const count = await redispatchAll(ports.db, ports.clock.now());
  ports.logger.warn({ count }, 'Temporal has lost what it was told: every job that has not ended is dispatched again');
  ports.dispatcher.poke();
}
