import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The account that Postgres runs as, when it is not ours. */
export interface Account {
  uid: number;
  gid: number;
}

/**
 * Postgres refuses to run as root. Then it runs as `postgres`, if the machine has that account, else as `nobody`.
 * Undefined when we are not root: it runs as we do.
 * @throws Error when we are root and neither account is there.
 */
export function postgresAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = accounts.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(
    'Postgres does not run as root, and this machine has neither a postgres nor a nobody account: run as another user, or give a DATABASE_URL.',
  );
}

/** Can that account get to this folder? Not so below one of root's with mode 0700. */
export function isReachable(dir: string, account: Account | undefined): boolean {
  if (!account) return true;
  const { status } = spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', dir], { ...account, cwd: '/', stdio: 'ignore' });
  return status === 0;
}
