import { AppError } from '../domain/errors.js';
import type { Role } from '../domain/permissions.js';
import { hashSecret, makeApiKey, writeApiKey } from '../security/api-key.js';
import type { Queries } from '../store/database.js';
import type { Actor } from '../store/events.js';
import { countValidKeys, expireKey, insertKey, listKeys, lockKey, revokeKey, type KeyFacts } from '../store/keys.js';
import { readProject } from '../store/projects.js';
import type { Caller, CommandPorts } from './ports.js';

/** The most keys of a project that open something at the same time. */
const MAX_KEYS = 1_000;

/** A new key, with the one text that is never seen again. */
export interface MadeKey {
  facts: KeyFacts;
  written: string;
}

export interface KeyGiven {
  name: string;
  role: Role;
  /** Epoch milliseconds. */
  expiresAt?: number | undefined;
}

type KeyPorts = Pick<CommandPorts, 'db' | 'clock' | 'audit'>;

/** The keys of the caller's project, newest first. */
export async function listProjectKeys({ db }: KeyPorts, { projectId }: Caller): Promise<KeyFacts[]> {
  return listKeys(db, projectId);
}

/** Makes a key of the caller's project. */
export async function makeKey(ports: KeyPorts, { projectId, actor }: Caller, given: KeyGiven): Promise<MadeKey> {
  return ports.db.transaction((tx) => addKey(ports, tx, { ...given, projectId, createdBy: actor }));
}

/**
 * Makes an admin's key of any project, for instance admins: how a project gets its first one, and a new one when all are lost.
 *
 * @throws AppError `project_not_found`
 */
export async function makeKeyFor(ports: KeyPorts, actor: Actor, projectId: string, given: KeyGiven): Promise<MadeKey> {
  return ports.db.transaction(async (tx) => {
    if (!(await readProject(tx, projectId)))
      throw new AppError('project_not_found', `There is no project ${projectId}.`);
    ports.audit?.note({ projectId });
    return addKey(ports, tx, { ...given, projectId, createdBy: actor });
  });
}

/** Ends a key's use for good. Doing so again changes nothing. */
export async function revokeProjectKey(ports: KeyPorts, caller: Caller, keyId: string): Promise<KeyFacts> {
  const now = ports.clock.now();
  return ports.db.transaction(async (tx) => {
    const key = await keyToChange(tx, caller, keyId);
    await revokeKey(tx, caller.projectId, keyId, now);
    ports.audit?.note({
      isUnchanged: key.revokedAt !== null,
      after: { revokedAt: new Date(now).toISOString() },
    });
    return { ...key, revokedAt: key.revokedAt ?? Math.floor(now) };
  });
}

/** Makes a key that takes the place of another, which opens for `overlapMs` more. */
export async function rotateKey(
  ports: KeyPorts,
  caller: Caller,
  keyId: string,
  { overlapMs }: { overlapMs: number },
): Promise<MadeKey> {
  const now = ports.clock.now();
  return ports.db.transaction(async (tx) => {
    const old = await keyToChange(tx, caller, keyId);
    if (old.revokedAt !== null || (old.expiresAt !== null && old.expiresAt <= now)) {
      throw new AppError('conflict', `The key ${keyId} opens nothing any more: make a new one.`);
    }
    await expireKey(tx, caller.projectId, keyId, now + overlapMs);
    const { name, role, isInstanceAdmin, expiresAt } = old;
    const { projectId, actor: createdBy } = caller;
    const made = await addKey(ports, tx, {
      name,
      role,
      isInstanceAdmin,
      projectId,
      createdBy,
      ...(expiresAt !== null && { expiresAt }),
    });
    // What is changed is the old key; the new one is named by it.
    const opensUntil = Math.min(now + overlapMs, expiresAt ?? Infinity);
    ports.audit?.note({
      target: { kind: 'key', id: keyId },
      before: expiresAt === null ? {} : { expiresAt: new Date(expiresAt).toISOString() },
      after: { expiresAt: new Date(opensUntil).toISOString(), replacedBy: made.facts.id, role },
    });
    return made;
  });
}

/** A key of the caller's project, locked. That of an instance admin is beyond the admins of its project. */
async function keyToChange(tx: Queries, caller: Caller, keyId: string): Promise<KeyFacts> {
  const key = await lockKey(tx, caller.projectId, keyId);
  if (!key) throw new AppError('key_not_found', `There is no key ${keyId}.`);
  if (key.isInstanceAdmin && caller.isInstanceAdmin !== true) {
    throw new AppError('forbidden', `The key ${keyId} is an instance admin's: only an instance admin changes it.`);
  }
  return key;
}

async function addKey(
  ports: KeyPorts,
  tx: Queries,
  { isInstanceAdmin = false, ...given }: KeyGiven & { projectId: string; createdBy: string; isInstanceAdmin?: boolean },
): Promise<MadeKey> {
  const now = ports.clock.now();
  if (given.expiresAt !== undefined && given.expiresAt <= now) {
    const problems = [{ pointer: '/expiresAt', message: 'must be in the future' }];
    throw new AppError('validation_failed', 'expiresAt must be in the future', { problems });
  }
  if ((await countValidKeys(tx, given.projectId, now)) >= MAX_KEYS) {
    throw new AppError('conflict', `The project has ${MAX_KEYS} keys that open something: revoke one first.`);
  }
  const key = makeApiKey();
  const facts = await insertKey(tx, { ...given, id: key.id, secretHash: hashSecret(key.secret), isInstanceAdmin }, now);
  const { id, name, role, expiresAt } = facts;
  ports.audit?.note({
    target: { kind: 'key', id },
    after: {
      ...{ name, role, instanceAdmin: isInstanceAdmin },
      ...(expiresAt !== null && { expiresAt: new Date(expiresAt).toISOString() }),
    },
  });
  return { facts, written: writeApiKey(key) };
}
