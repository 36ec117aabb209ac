import type { Database } from '../../store/database.js';
import {
  lockKeyChange,
  lockRows,
  readSeenRows,
  sealedTables,
  writeSealed,
  type LockedRow,
  type RowKey,
  type SealedTable,
} from '../../store/sealed-tables.js';
import { answerPlace } from './answer-place.js';
import { keyIdOf, SealError, type Place, type Vault } from './vault.js';

/** How far a change of keys is with one table. */
export interface RotationProgress {
  table: string;
  /** Rows looked at so far, and those of them that were written. */
  seen: number;
  sealed: number;
  isDone: boolean;
}

interface RotationPorts {
  db: Database;
  vault: Vault;
  onProgress: (progress: RotationProgress) => void;
  /** Told of each value that cannot be opened; it stays as it is. */
  onUnreadable: (error: SealError) => void;
}

/**
 * Seals with the current key what is plain, or sealed with another one. Jobs may run meanwhile: rows that somebody holds are
 * come back for, and a row is held for as long as its batch takes to write. Stopped at any point, it can be begun again:
 * what is done already is only looked at.
 */
export async function rotateKeys(ports: RotationPorts): Promise<void> {
  for (const table of sealedTables) await rotateTable(ports, table);
}

async function rotateTable(ports: RotationPorts, table: SealedTable): Promise<void> {
  const { db, vault, onProgress } = ports;
  const progress = { table: table.name, seen: 0, sealed: 0, isDone: false };
  const skipped: RowKey[] = [];
  for (let after: RowKey | undefined; ;) {
    const rows = await readSeenRows(db, table, after);
    const stale = rows.filter(({ heads }) => heads.some((head) => head !== null && keyOf(head) !== vault.keyId));
    const keys = stale.map(({ key }) => key);
    const locked = await sealAnew(ports, table, keys, 'skip');
    const held = new Set(locked.map(({ key }) => key.join(' ')));
    skipped.push(...keys.filter((key) => !held.has(key.join(' '))));
    progress.seen += rows.length;
    progress.sealed += locked.length;
    if (rows.length < table.rowsAtATime) break;
    after = rows.at(-1)?.key;
    onProgress({ ...progress });
  }
  // One at a time, so that nobody waits for this while it waits.
  for (const key of skipped) progress.sealed += (await sealAnew(ports, table, [key], 'wait')).length;
  onProgress({ ...progress, isDone: true });
}

/** Gives the rows that could be locked. */
async function sealAnew(
  { db, vault, onUnreadable }: RotationPorts,
  table: SealedTable,
  keys: readonly RowKey[],
  others: 'skip' | 'wait',
): Promise<LockedRow[]> {
  if (keys.length === 0) return [];
  return db.transaction(async (tx) => {
    // Before any row: whoever waits for this lock holds nothing.
    await lockKeyChange(tx);
    const rows = await lockRows(tx, table, keys, others);
    const anew = rows.map((row) => ({ key: row.key, values: valuesAnew(vault, table, row, onUnreadable) }));
    const changed = anew.filter(({ values }) => values.some((value) => value !== undefined));
    if (changed.length > 0) await writeSealed(tx, table, changed);
    return rows;
  });
}

function valuesAnew(
  vault: Vault,
  table: SealedTable,
  { key, projectId, values }: LockedRow,
  onUnreadable: (error: SealError) => void,
): (Buffer | undefined)[] {
  return values.map(({ plain, sealed }, at) => {
    const kind = table.values[at]?.kind;
    if (!kind || (plain ?? sealed) === null) return undefined;
    const place = placeOf(kind, projectId, key);
    try {
      if (plain !== null) return vault.seal(place, plain);
      if (sealed === null || keyIdOf(sealed) === vault.keyId) return undefined;
      return vault.seal(place, vault.open(place, sealed));
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      onUnreadable(error);
      return undefined;
    }
  });
}

function placeOf(
  kind: Place['kind'],
  projectId: string,
  [id = '', principal = '', call = '', key = '']: RowKey,
): Place {
  return kind === 'answer' ? answerPlace({ projectId, principal, call, key }) : { projectId, kind, id };
}

/** What stands in the place of a key's id for what is not encrypted, or is not what it should be. */
export const NOT_ENCRYPTED = '(not encrypted)';
const DAMAGED = '(damaged)';

/** How many values the database holds by each key, by its id. */
export async function countKeysInUse(db: Database): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const table of sealedTables) {
    for (let after: RowKey | undefined; ;) {
      const rows = await readSeenRows(db, table, after);
      for (const head of rows.flatMap(({ heads }) => heads)) {
        if (head !== null) counts.set(keyOf(head), (counts.get(keyOf(head)) ?? 0) + 1);
      }
      if (rows.length < table.rowsAtATime) break;
      after = rows.at(-1)?.key;
    }
  }
  return counts;
}

function keyOf(head: Buffer | 'plain'): string {
  return head === 'plain' ? NOT_ENCRYPTED : (keyIdOf(head) ?? DAMAGED);
}
