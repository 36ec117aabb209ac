// One at a time: two of `npm start` and `npm test` may begin together. Nothing but Node may be imported here.
import fs from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Does `work` while holding the lock `file`, waiting for another process that holds it. A lock whose process has
 * ended counts as free.
 */
export async function withLock(file, work) {
  let hasSaid = false;
  while (!take(file)) {
    const holder = holderOf(file);
    if (holder === undefined) {
      removeStale(file);
      continue;
    }
    if (!hasSaid) console.log(`Waiting for process ${holder}, which installs or builds already ...`);
    hasSaid = true;
    await delay(200);
  }
  try {
    return await work();
  } finally {
    release(file);
  }
}

/** A hard link appears whole, with the pid in it, or not at all. */
function take(file) {
  const mine = `${file}.${process.pid}`;
  fs.writeFileSync(mine, String(process.pid));
  try {
    return link(mine, file);
  } finally {
    fs.rmSync(mine);
  }
}

/** False when the name is taken. */
function link(from, to) {
  try {
    fs.linkSync(from, to);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Removes what an ended process left. Renamed aside first: of two that find it, one gets it. What the slower one gets may
 * by now be the other's own, which is put back.
 */
function removeStale(file) {
  const aside = `${file}.${process.pid}.stale`;
  try {
    fs.renameSync(file, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  if (holderOf(aside) !== undefined) link(aside, file);
  fs.rmSync(aside);
}

/** The living process that holds it. A file that was released just now has none. */
function holderOf(file) {
  try {
    const pid = Number(fs.readFileSync(file, 'utf8'));
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    return error.code === 'EPERM' ? 'another user' : undefined;
  }
}

const release = (file) => fs.rmSync(file, { force: true });
