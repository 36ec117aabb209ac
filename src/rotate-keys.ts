import { readWorkerConfig } from './platform/config.js';
import { instanceKeysOf } from './security/encryption/instance-keys.js';
import { countKeysInUse, rotateKeys, type RotationProgress } from './security/encryption/rotate.js';
import { createVault, type SealError } from './security/encryption/vault.js';
import { openDatabase } from './store/database.js';

/**
 * Seals all that the database holds with the current key, and says then which keys are in use, and which of those given are
 * not. Takes a worker's variables.
 */

const TELL_EACH_ROWS = 10_000;

const tell = (line: string) => void process.stdout.write(`${line}\n`);

function tellUnreadable({ sealed: { table = '' }, message }: SealError): void {
  tell(`${table}: ${message}`);
}

function tellProgress({ table, seen, sealed, isDone }: RotationProgress): void {
  if (isDone || seen % TELL_EACH_ROWS === 0) tell(`${table}: ${seen} rows looked at, ${sealed} sealed anew`);
}

/** Whether the current key is the only one that is in use. */
async function rotate(): Promise<boolean> {
  const config = readWorkerConfig();
  const keys = instanceKeysOf(config.encryptionKeys);
  const vault = createVault(keys);
  const db = openDatabase({ url: config.databaseUrl, maxConnections: 2, applicationName: 'carillon-rotate-keys' });
  try {
    await rotateKeys({ db, vault, onProgress: tellProgress, onUnreadable: tellUnreadable });
    const counts = await countKeysInUse(db);
    for (const [key, count] of counts) tell(`${key}: ${count} values`);
    const others = [...counts.keys()].filter((key) => key !== vault.keyId);
    tell(
      others.length === 0
        ? `Only ${vault.keyId} is in use.`
        : `Still in use beside ${vault.keyId}: ${others.join(', ')}. Keep these keys, and run this again.`,
    );
    const unused = keys.ids.filter((id) => id !== vault.keyId && !counts.has(id));
    if (unused.length > 0) tell(`No longer in use, and may be taken away: ${unused.join(', ')}.`);
    return others.length === 0;
  } finally {
    await db.close();
  }
}

try {
  process.exitCode = (await rotate()) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
