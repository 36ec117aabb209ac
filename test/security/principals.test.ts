import { afterAll, beforeAll, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { DEFAULT_PROJECT_ID } from '../../src/domain/ids.js';
import { hashSecret, makeApiKey, writeApiKey } from '../../src/security/api-key.js';
import { createAuthenticator as create, type AuthenticatorOptions } from '../../src/security/authenticator.js';
import { createLogger } from '../../src/platform/logging.js';
import { openDatabase, type Database } from '../../src/store/database.js';
import { createTestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';

let db: Database;
beforeAll(async () => {
  const { url } = await createTestDatabase();
  db = openDatabase({ url, maxConnections: 2, applicationName: 'test' });
});
afterAll(() => db.close());

type Reading = Pick<Database, 'query' | 'transaction'>;
const logger = createLogger({ service: 'test', level: 'silent' });

/** Who is let in; undefined: nobody. */
function createAuthenticator(options: Omit<AuthenticatorOptions, 'logger'>) {
  const authenticator = create({ ...options, logger });
  return {
    ...authenticator,
    async authenticate(header: string) {
      const admission = await authenticator.authenticate(header);
      return 'identity' in admission ? admission.identity : undefined;
    },
  };
}

async function givenKey(): Promise<{ id: string; header: string }> {
  const key = makeApiKey();
  await db.query(sql`insert into api_keys (id, project_id, name, secret_hash, role)
    values (${key.id}, ${DEFAULT_PROJECT_ID}, 'test', ${hashSecret(key.secret)}, 'operator')`);
  return { id: key.id, header: `Bearer ${writeApiKey(key)}` };
}

test('a key is its project and role', async () => {
  const { id, header } = await givenKey();
  const identity = await createAuthenticator({ db, now: Date.now }).authenticate(header);
  expect(identity).toEqual({
    kind: 'key',
    id,
    isInstanceAdmin: false,
    projects: [{ projectId: DEFAULT_PROJECT_ID, slug: 'default', name: expect.any(String), role: 'operator' }],
  });
});

test('a key in use costs one query, not one a request', async () => {
  let queries = 0;
  const counting: Reading = {
    query(statement, name) {
      queries += 1;
      return db.query(statement, name);
    },
    transaction: (work) => db.transaction(work),
  };
  const authenticator = createAuthenticator({ db: counting, now: Date.now });
  const { header } = await givenKey();
  const answers = await Promise.all(Array.from({ length: 20 }, () => authenticator.authenticate(header)));
  expect(answers.every(Boolean)).toBe(true);
  await authenticator.authenticate(header);
  expect(queries).toBe(1);
});

test('a key that was let in a moment ago does not open for another secret', async () => {
  const authenticator = createAuthenticator({ db, now: Date.now });
  const { id, header } = await givenKey();
  expect(await authenticator.authenticate(header)).toBeDefined();
  expect(
    await authenticator.authenticate(`Bearer ${writeApiKey({ id, secret: makeApiKey().secret })}`),
  ).toBeUndefined();
});

test('a key revoked while in use opens nothing once what was read of it is too old', async () => {
  const authenticator = createAuthenticator({ db, now: Date.now, cacheTtlMs: 100 });
  const { id, header } = await givenKey();
  expect(await authenticator.authenticate(header)).toBeDefined();
  await db.query(sql`update api_keys set revoked_at = now() where id = ${id}`);
  await eventually(async () => expect(await authenticator.authenticate(header)).toBeUndefined(), 2_000);
});

test('a key that is forgotten while it is being read is read anew, and who waits for it is answered', async () => {
  const { id, header } = await givenKey();
  let reads = 0;
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  const slow: Reading = {
    async query(statement, name) {
      reads += 1;
      const rows = await db.query<never>(statement, name);
      if (reads === 1) await held;
      return rows;
    },
    transaction: (work) => db.transaction(work),
  };
  const authenticator = createAuthenticator({ db: slow, now: Date.now });
  const waiting = authenticator.authenticate(header);
  authenticator.forget(id);
  await db.query(sql`update api_keys set revoked_at = now() where id = ${id}`);
  expect(await authenticator.authenticate(header)).toBeUndefined();
  letGo();
  await waiting;
  expect(await authenticator.authenticate(header)).toBeUndefined();
  expect(reads).toBe(2);
});
