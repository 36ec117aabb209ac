import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { createLogger } from '../../src/platform/logging.js';
import { ensureAdminKey } from '../../src/security/admin-key.js';
import { makeApiKey, writeApiKey } from '../../src/security/api-key.js';
import { createAuthenticator } from '../../src/security/authenticator.js';
import { openDatabase, type Database } from '../../src/store/database.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let db: Database;
let folder: string;
let logged: string;

beforeEach(async () => {
  database = await createTestDatabase();
  db = openDatabase({ url: database.url, maxConnections: 4, applicationName: 'test' });
  folder = await mkdtemp(path.join(tmpdir(), 'carillon keys '));
  logged = '';
});
afterEach(async () => {
  await db.close();
  await database.drop();
  await rm(folder, { recursive: true });
});

const logger = createLogger(
  { service: 'test', level: 'info' },
  new Writable({ write: (chunk: Buffer, _, done) => ((logged += chunk.toString()), done()) }),
);
const file = () => path.join(folder, 'deep', 'admin-key');
const ensure = (given: { adminKey?: string; adminKeyFile?: string }) =>
  ensureAdminKey({ db, logger, now: Date.now(), adminKey: given.adminKey, adminKeyFile: given.adminKeyFile });
const roleOf = async (key: string) => {
  const admission = await createAuthenticator({ db, now: Date.now, logger }).authenticate(`Bearer ${key}`);
  return 'identity' in admission ? admission.identity.projects[0]?.role : undefined;
};
const countKeys = async () => (await db.query<{ n: number }>(sql`select count(*)::int as n from api_keys`))[0]?.n;

describe('without a key given', () => {
  test('one is made and written to a file that only its owner can read', async () => {
    await ensure({ adminKeyFile: file() });
    const key = (await readFile(file(), 'utf8')).trim();
    expect(await roleOf(key)).toBe('admin');
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    expect(logged).not.toContain(key.split('.')[1]);
  });

  test('servers that start together make one between them, and the file holds that one', async () => {
    await Promise.all(Array.from({ length: 4 }, () => ensure({ adminKeyFile: file() })));
    expect(await countKeys()).toBe(1);
    expect(await roleOf((await readFile(file(), 'utf8')).trim())).toBe('admin');
  });

  test('the next start keeps it, and has nothing to say', async () => {
    await ensure({ adminKeyFile: file() });
    const key = await readFile(file(), 'utf8');
    logged = '';
    await ensure({ adminKeyFile: file() });
    expect([await readFile(file(), 'utf8'), logged]).toEqual([key, '']);
  });

  test('a file that went away is not replaced; the log says what to do', async () => {
    await ensure({ adminKeyFile: file() });
    await rm(file());
    logged = '';
    await ensure({ adminKeyFile: file() });
    expect(await countKeys()).toBe(1);
    expect(logged).toMatch(/CARILLON_ADMIN_KEY_FILE is not there.*npm run new:key/);
  });

  test('a file with a key of another database is told of', async () => {
    await ensure({ adminKeyFile: file() });
    await writeFile(file(), writeApiKey(makeApiKey()));
    await ensure({ adminKeyFile: file() });
    expect(logged).toMatch(/none of this database's/);
  });

  test('when the file cannot be written no key is made, so that none is lost', async () => {
    await writeFile(path.join(folder, 'deep'), 'a file where a folder should be');
    await expect(ensure({ adminKeyFile: file() })).rejects.toThrow(/CARILLON_ADMIN_KEY_FILE/);
    expect(await countKeys()).toBe(0);
  });

  test('and no file named, none is made; the log says what to do', async () => {
    await ensure({});
    expect(await countKeys()).toBe(0);
    expect(logged).toMatch(/CARILLON_ADMIN_KEY/);
  });
});

describe('with a key given', () => {
  test('that key is the admin’s, also when given again', async () => {
    const adminKey = writeApiKey(makeApiKey());
    await ensure({ adminKey, adminKeyFile: file() });
    await ensure({ adminKey });
    expect(await roleOf(adminKey)).toBe('admin');
    expect(await countKeys()).toBe(1);
    await expect(stat(file())).rejects.toThrow('ENOENT');
  });

  test('the one given before opens nothing any more; a made one still does', async () => {
    await ensure({ adminKeyFile: file() });
    const [before, after] = [writeApiKey(makeApiKey()), writeApiKey(makeApiKey())];
    await ensure({ adminKey: before });
    await ensure({ adminKey: after });
    expect(await roleOf(before)).toBeUndefined();
    expect(await roleOf(after)).toBe('admin');
    expect(await roleOf((await readFile(file(), 'utf8')).trim())).toBe('admin');
  });

  test.each(['secret', 'carillon_x.y', `${writeApiKey(makeApiKey())}x`])(
    'written as %s, it is refused with how to make one',
    async (adminKey) => {
      await expect(ensure({ adminKey })).rejects.toThrow(/CARILLON_ADMIN_KEY is not a key: .*npm run new:key/);
      await expect(ensure({ adminKey })).rejects.not.toThrow(adminKey);
    },
  );
});
