import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { DEFAULT_PROJECT_ID } from '../domain/ids.js';
import type { Logger } from '../platform/logging.js';
import type { Database } from '../store/database.js';
import { insertFirstKey, readKey, replaceKey, type NewKey } from '../store/keys.js';
import { hashSecret, isSecretOf, makeApiKey, parseApiKey, writeApiKey, type ApiKey } from './api-key.js';

export interface AdminKeyOptions {
  db: Database;
  logger: Logger;
  /** Epoch milliseconds. */
  now: number;
  /** A key that the operator keeps, from CARILLON_ADMIN_KEY. */
  adminKey: string | undefined;
  /** Where a made key is written, from CARILLON_ADMIN_KEY_FILE. */
  adminKeyFile: string | undefined;
}

/**
 * Sees to it that an instance has an admin key: the one given, or else a made one when there is no key at all. Servers
 * that start together make one between them.
 *
 * @throws Error with a sentence when the given key is not written as a key is
 */
export async function ensureAdminKey(options: AdminKeyOptions): Promise<void> {
  const { db, adminKey, adminKeyFile, logger } = options;
  if (adminKey !== undefined) {
    return replaceKey(db, newKey(givenAdminKey(adminKey), 'CARILLON_ADMIN_KEY'), options.now);
  }

  let made: string | undefined;
  const make = async () => {
    if (adminKeyFile === undefined) return undefined;
    const key = makeApiKey();
    // The file first: a key that is in the database but nowhere else would be lost for good.
    await writeSecretFile(adminKeyFile, `${writeApiKey(key)}\n`);
    made = key.id;
    return newKey(key, 'first admin key');
  };
  const hasKey = await insertFirstKey(db, make, options.now);
  if (made !== undefined)
    logger.info({ keyId: made }, 'The first admin key was made and written to CARILLON_ADMIN_KEY_FILE.');
  else if (hasKey) await checkKeyFile(options);
  else
    logger.warn('There is no API key, so nobody can call the API: give CARILLON_ADMIN_KEY or CARILLON_ADMIN_KEY_FILE.');
}

/** @throws Error with a sentence when what CARILLON_ADMIN_KEY holds is not written as a key is */
export function givenAdminKey(text: string): ApiKey {
  const key = parseApiKey(text);
  if (!key) throw new Error('CARILLON_ADMIN_KEY is not a key: make one with `npm run new:key`.');
  return key;
}

function newKey(key: ApiKey, name: string): NewKey {
  const secretHash = hashSecret(key.secret);
  return { id: key.id, projectId: DEFAULT_PROJECT_ID, name, secretHash, role: 'admin', isInstanceAdmin: true };
}

/** Says so when the file does not hold a valid key. */
async function checkKeyFile({ db, logger, adminKeyFile }: AdminKeyOptions): Promise<void> {
  const remedy = 'Make a key with `npm run new:key` and start once with it as CARILLON_ADMIN_KEY.';
  if (adminKeyFile === undefined) return;
  const text = await readFile(adminKeyFile, 'utf8').catch(() => undefined);
  if (text === undefined) {
    logger.warn(
      `CARILLON_ADMIN_KEY_FILE is not there, but the database has keys, so none is made. If all are lost: ${remedy}`,
    );
    return;
  }
  const key = parseApiKey(text.trim());
  const record = key && (await readKey(db, key.id));
  if (!key || !record || record.revokedAt !== null || !isSecretOf(record.secretHash, key.secret)) {
    logger.warn(`The key in CARILLON_ADMIN_KEY_FILE is none of this database's. If all are lost: ${remedy}`);
  }
}

/** Writes a file that only its owner may read: wholly or not at all. */
async function writeSecretFile(file: string, content: string): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  try {
    await mkdir(path.dirname(path.resolve(file)), { recursive: true });
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (cause) {
    await rm(draft).catch(() => undefined);
    throw new Error(`The first admin key can't be written to CARILLON_ADMIN_KEY_FILE (${file}).`, { cause });
  }
}
