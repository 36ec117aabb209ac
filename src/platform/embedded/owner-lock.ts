import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { identityOf, isStillThere } from './process-identity.js';
import { becomesTrue } from './wait.js';

/** An owner that is ending is gone within this. */
const END_WITHIN_MS = 6_000;

interface ProcessNote {
  pid: number;
  identity: string | undefined;
}

interface Owner extends ProcessNote {
  /** npm, where that started it: an owner ends when its npm does. */
  startedBy?: ProcessNote;
  isEnding?: boolean;
}

export interface Ownership {
  /** Notes that this process is about to end: who wants the folder next waits for that. Never throws. */
  isEnding(): void;
  /** Never throws. */
  giveUp(): void;
}

/**
 * Makes this process the only owner of a data folder; waits for an owner that is ending.
 * @param startedBy the pid of the process that this one ends with
 * @throws Error, in a sentence for the terminal, when a living process owns it.
 */
export async function ownDataDir(dataDir: string, startedBy?: number): Promise<Ownership> {
  mkdirSync(dataDir, { recursive: true });
  const file = path.join(dataDir, 'owner.json');
  const mine = `${file}.${process.pid}`;
  const me: Owner = { ...note(process.pid), ...(startedBy !== undefined && { startedBy: note(startedBy) }) };
  writeFileSync(mine, JSON.stringify(me));
  try {
    while (!linked(mine, file)) {
      if (!(await becomesTrue(() => !isOwned(file), { withinMs: isOwnerEnding(file) ? END_WITHIN_MS : 0 }))) {
        throw new Error(alreadyOwned(dataDir, file));
      }
      removeStale(file, `${mine}.stale`);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  // The folder may be gone by now, and another process own the one in its place.
  const ifStillMine = (act: () => void): void => {
    const { pid, identity } = read(file) ?? {};
    if (pid === me.pid && identity === me.identity) attempted(act);
  };
  return {
    isEnding: () => ifStillMine(() => writeFileSync(file, JSON.stringify({ ...me, isEnding: true }))),
    giveUp: () => ifStillMine(() => rmSync(file, { force: true })),
  };
}

/** What fails is let be: nothing may keep an owner from ending, and a file it leaves names a process that is gone. */
function attempted(act: () => void): void {
  try {
    act();
  } catch {
    // A full disk, a folder that was made read-only.
  }
}

/** Does a living process own the folder of this file? */
function isOwned(file: string): boolean {
  const owner = read(file);
  return owner !== undefined && isAlive(owner);
}

function isOwnerEnding(file: string): boolean {
  const { isEnding, startedBy } = read(file) ?? {};
  return isEnding === true || (startedBy !== undefined && !isAlive(startedBy));
}

function note(pid: number): ProcessNote {
  return { pid, identity: identityOf(pid) };
}

function isAlive({ pid, identity }: ProcessNote): boolean {
  return identity !== undefined && isStillThere(pid, identity);
}

function read(file: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Owner;
  } catch {
    // Given up just now, or cut off by a power failure.
    return undefined;
  }
}

function alreadyOwned(dataDir: string, file: string): string {
  return `Carillon already runs on ${dataDir} (process ${read(file)?.pid}): stop that one first, or set CARILLON_DATA_DIR to another folder.`;
}

/**
 * Removes what a killed process left. Renamed aside first: of two that find it, one gets it. What the slower one gets may
 * by now be the other's own, which is put back.
 */
function removeStale(file: string, aside: string): void {
  if (!renamed(file, aside)) return;
  if (isOwned(aside)) linked(aside, file);
  rmSync(aside, { force: true });
}

/** A hard link is made whole or not at all, and fails when the name is taken. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** False when it is no longer there. */
function renamed(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
