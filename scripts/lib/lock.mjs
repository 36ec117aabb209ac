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
      release(file);
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
    fs.linkSync(mine, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    fs.rmSync(mine);
  }
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
