import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { NOT_TOLD } from '../domain/audit.js';
import { insertSigningKey, lockSigningKeys, pruneSigningKeys, readSigningKeys } from '../store/signing-keys.js';
import { openSigningKey, type OpenSigningKey } from '../security/encryption/signing-key.js';
import type { Caller, CommandPorts } from './ports.js';

/** The length of a new key, in bytes. */
const KEY_BYTES = 32;
/** For so long a replaced key signs beside the new one, in milliseconds: receivers have to be given the new one. */
const OVERLAP_MS = 86_400_000;
/** How many keys of a project sign at once. */
const MAX_KEYS = 5;

/** The keys that sign what the project's `http` jobs send, newest first. */
export async function listSigningKeys(
  { db, clock, vault }: CommandPorts,
  { projectId }: Caller,
): Promise<OpenSigningKey[]> {
  const keys = await readSigningKeys(db, projectId, clock.now());
  return keys.map((key) => ({ ...key, key: openSigningKey(vault, projectId, key) }));
}

/** Makes a new key. It signs from now on (a node may take some seconds to know it), and those before it for a day more. */
export async function makeSigningKey(
  { db, clock, vault, audit }: CommandPorts,
  caller: Caller,
): Promise<OpenSigningKey> {
  const { projectId, actor: createdBy } = caller;
  return db.transaction(async (tx) => {
    const newest = await lockSigningKeys(tx, projectId);
    // Later than the one before it, also when both are made in the same millisecond: the order is by this.
    const createdAt = Math.max(Math.floor(clock.now()), (newest ?? 0) + 1);
    const key = { id: uuidv7(), key: randomBytes(KEY_BYTES), createdAt, createdBy };
    const sealed = vault.seal({ projectId, kind: 'signing-key', id: key.id }, key.key);
    await insertSigningKey(tx, projectId, { ...key, key: { sealed } }, createdAt + OVERLAP_MS);
    await pruneSigningKeys(tx, projectId, createdAt, MAX_KEYS);
    audit?.note({ target: { kind: 'signing_key', id: key.id }, after: { key: NOT_TOLD } });
    return { ...key, expiresAt: null };
  });
}
