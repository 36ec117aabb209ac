import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import sql, { type Sql } from 'sql-template-tag';
import { DEFAULT_PROJECT_ID, NO_PROJECT_ID } from '../../src/domain/ids.js';
import { insertAuditEntry, type AuditEntry } from '../../src/store/audit.js';
import { audited } from '../../src/store/audited.js';
import { headsSealedSince, sealAudit, verifyAudit, writeAnchor } from '../../src/store/audit-chain.js';
import { openDatabase, type Database } from '../../src/store/database.js';
import { remember } from '../../src/store/memory.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let db: Database;
const clock = { now: () => Date.parse('2027-01-01T00:00:00Z') };
const entry: AuditEntry = {
  ...{
    projectId: DEFAULT_PROJECT_ID,
    at: clock.now(),
    actor: 'a',
    action: 'updateJob',
    target: { kind: 'job', id: 'j' },
  },
  ...{ outcome: 'done', code: null, address: '203.0.113.7', requestId: 'r', suppressed: 0 },
  ...{ before: { z: 1.5, a: ['x', null] }, after: { z: 'ü', a: { c: 1, b: 2 } } },
};

beforeEach(async () => {
  database = await createTestDatabase();
  db = openDatabase({ url: database.url, maxConnections: 4, applicationName: 'test' });
  for (let count = 0; count < 6; count += 1) await insertAuditEntry(db, { ...entry, requestId: `r${count}` });
  await insertAuditEntry(db, { ...entry, projectId: NO_PROJECT_ID, actor: null, outcome: 'refused' });
  await sealAudit(db, clock);
});
afterEach(async () => {
  await db.close();
  await database.drop();
});

const verified = async () => (await verifyAudit(db)).find((chain) => chain.projectId === DEFAULT_PROJECT_ID);
const run = (statement: Sql) => db.query(statement);
const faultAt = (seq: number, what: string) => ({ fault: { projectId: DEFAULT_PROJECT_ID, seq, what } });

test('a trail that nobody touched is whole, and goes on where it ended', async () => {
  await insertAuditEntry(db, entry);
  await Promise.all([sealAudit(db, clock), sealAudit(db, clock)]);
  expect(await verifyAudit(db)).toEqual([
    { projectId: NO_PROJECT_ID, rows: 1 },
    { projectId: DEFAULT_PROJECT_ID, rows: 7 },
  ]);
});

test.each([
  ['after', sql`update audit set after = '{"z": "u"}' where project_id = ${DEFAULT_PROJECT_ID} and seq = 3`],
  ['actor', sql`update audit set actor = 'b' where project_id = ${DEFAULT_PROJECT_ID} and seq = 3`],
  ['at', sql`update audit set at = at - interval '1 ms' where project_id = ${DEFAULT_PROJECT_ID} and seq = 3`],
  ['suppressed', sql`update audit set suppressed = 1 where project_id = ${DEFAULT_PROJECT_ID} and seq = 3`],
])('a row whose %s was changed is named', async (_column, tamper) => {
  await run(tamper);
  expect(await verified()).toMatchObject(faultAt(3, 'changed'));
});

test('a row that was deleted is named, also the first and the last', async () => {
  await run(sql`delete from audit where project_id = ${DEFAULT_PROJECT_ID} and seq = 6`);
  expect(await verified()).toMatchObject(faultAt(6, 'missing'));
  await run(sql`delete from audit where project_id = ${DEFAULT_PROJECT_ID} and seq = 4`);
  expect(await verified()).toMatchObject(faultAt(4, 'missing'));
  await run(sql`delete from audit where project_id = ${DEFAULT_PROJECT_ID} and seq = 1`);
  expect(await verified()).toMatchObject(faultAt(1, 'missing'));
});

test('rows that changed places are found', async () => {
  await run(sql`update audit set seq = seq + 100 where project_id = ${DEFAULT_PROJECT_ID} and seq in (2, 3)`);
  await run(sql`update audit set seq = case seq when 102 then 3 else 2 end where seq in (102, 103)`);
  expect(await verified()).toMatchObject(faultAt(2, 'changed'));
});

test('a row that was put in between is found', async () => {
  await run(sql`update audit set seq = seq + 100 where project_id = ${DEFAULT_PROJECT_ID} and seq > 2`);
  await run(sql`update audit set seq = seq - 99 where project_id = ${DEFAULT_PROJECT_ID} and seq > 100`);
  await insertAuditEntry(db, entry);
  await run(sql`update audit set seq = 3, hash = decode(repeat('00', 32), 'hex') where seq is null`);
  expect(await verified()).toMatchObject(faultAt(3, 'changed'));
});

test('a chain whose head was taken away is not whole', async () => {
  await run(sql`delete from audit_heads where project_id = ${DEFAULT_PROJECT_ID}`);
  expect(await verified()).toMatchObject(faultAt(7, 'missing'));
});

test('a chain that was made anew is found by what the log has of the old one', async () => {
  const anchors = await headsSealedSince(db, clock.now());
  expect(anchors).toHaveLength(2);
  expect((await verifyAudit(db, anchors)).filter((chain) => chain.fault)).toEqual([]);
  await run(sql`update audit set actor = 'b' where project_id = ${DEFAULT_PROJECT_ID} and seq = 3`);
  await run(sql`delete from audit_heads`);
  await run(sql`update audit set seq = null, hash = null`);
  await sealAudit(db, clock);
  expect(await verified()).toEqual({ projectId: DEFAULT_PROJECT_ID, rows: 6 });
  const found = (await verifyAudit(db, anchors)).find((chain) => chain.fault);
  expect(found).toMatchObject(faultAt(6, 'changed'));
});

test('the command says what it found, and fails when a chain is not whole', async () => {
  const [anchor] = (await headsSealedSince(db, 0))
    .filter((head) => head.projectId === DEFAULT_PROJECT_ID)
    .map(writeAnchor);
  const whole = await verifyByCommand(anchor ?? '');
  expect(whole).toEqual({ code: 0, output: expect.stringContaining(`${DEFAULT_PROJECT_ID}  6 rows  whole`) });
  await run(sql`delete from audit where project_id = ${DEFAULT_PROJECT_ID} and seq = 5`);
  expect(await verifyByCommand()).toEqual({ code: 1, output: expect.stringContaining('4 rows  row 5 is missing') });
  expect((await verifyByCommand('nonsense')).code).toBe(1);
});

test('what would change something outside the transaction of its entry fails', async () => {
  const view = audited(db, async () => true);
  await expect(remember(view, 'a', 'x')).rejects.toThrow('read-only');
  expect(await view.query(sql`select 1 as one`)).toEqual([{ one: 1 }]);
});

test('of several transactions of a call the first that commits writes its entry', async () => {
  let count = 0;
  const view = audited(db, async () => (count += 1) > 0);
  const failing = view.transaction(async () => {
    throw new Error('refused');
  });
  await expect(failing).rejects.toThrow('refused');
  expect(count).toBe(0);
  await view.transaction((tx) => remember(tx, 'a', 'x'));
  await view.transaction((tx) => remember(tx, 'b', 'x'));
  expect(count).toBe(1);
});

function verifyByCommand(...anchors: string[]): Promise<{ code: number; output: string }> {
  const script = fileURLToPath(new URL('../../scripts/audit-verify.mjs', import.meta.url));
  const env = { PATH: process.env['PATH'] ?? '', DATABASE_URL: database.url };
  return new Promise((resolve) =>
    execFile(process.execPath, [script, ...anchors.filter(Boolean)], { env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr }),
    ),
  );
}
