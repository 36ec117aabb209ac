import { expect, test } from '@jest/globals';
import { nodesSeenSince, upsertNode } from '../../src/store/nodes.js';
import { openDatabase } from '../../src/store/database.js';
import { createTestDatabase } from '../support/database.js';

const HOUR_MS = 3_600_000;

test('a node that was not seen for a day is forgotten when another is seen, and one of an hour ago is not', async () => {
  const { url } = await createTestDatabase();
  const db = openDatabase({ url, maxConnections: 2, applicationName: 'test' });
  const now = Date.parse('2030-01-02T00:00:00Z');
  const see = (id: string, agoMs: number) =>
    upsertNode(db, { id, role: 'all', pools: [], version: '1' }, { startedAt: now - agoMs, now: now - agoMs });
  await see('killed', 25 * HOUR_MS);
  await see('away', 1 * HOUR_MS);
  await see('here', 0);
  expect((await nodesSeenSince(db, 0)).map(({ id }) => id)).toEqual(['away', 'here']);
  await db.close();
});
