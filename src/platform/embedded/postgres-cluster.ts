import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Account, isReachable } from './postgres-account.js';
import { SYSTEM_DIR } from './postgres-binaries.js';
import { announced, type Say } from './progress.js';

/** The files of one Postgres: what `initdb` makes, and the password of its only account. */
export interface Cluster {
  dataDir: string;
  password: string;
}

export interface ClusterOptions {
  /** The folder that is ours; the cluster's own files may have to lie elsewhere. */
  dir: string;
  binaries: string;
  account: Account | undefined;
  /** No fsync: for files that are thrown away. */
  throwAway: boolean;
  say: Say;
}

export const SUPERUSER = 'carillon';

/** The cluster of this folder, made at the first call (about a second). */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const { dir, account, say } = options;
  // Others may pass through, so that the account of Postgres can, but not look around; our files in it are 0600.
  mkdirSync(dir, { recursive: true, mode: account ? 0o711 : 0o700 });
  const password = rememberedPassword(dir);
  const dataDir = placeOf(dir, account);
  if (!existsSync(dataDir)) {
    const create = (): Promise<void> => initialise(options, { dataDir, password });
    await (options.throwAway ? create() : announced(say, 'Making the database', create));
  }
  return { dataDir, password };
}

/** Removes what `openCluster` made, wherever it lies. */
export function removeCluster(dir: string, account: Account | undefined): void {
  rmSync(path.dirname(placeOf(dir, account)), { recursive: true, force: true });
  rmSync(dir, { recursive: true, force: true });
}

function rememberedPassword(dir: string): string {
  const file = path.join(dir, 'password');
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600 });
  return readFileSync(file, 'utf8');
}

/**
 * The data folder: in ours, or, where another account can't reach that, in one of a random name that ours remembers:
 * a folder that is deleted and made again shall not find the old database.
 */
function placeOf(dir: string, account: Account | undefined): string {
  if (isReachable(dir, account)) return path.join(dir, 'data');
  const note = path.join(dir, 'elsewhere');
  if (!existsSync(note)) writeFileSync(note, path.join(SYSTEM_DIR, randomUUID(), 'data'));
  return readFileSync(note, 'utf8');
}

/** Made beside its place and put there when complete: what was cut off half-way is never taken for a database. */
async function initialise({ binaries, account, throwAway }: ClusterOptions, cluster: Cluster): Promise<void> {
  const { dataDir, password } = cluster;
  const half = `${dataDir}.half`;
  const passwordFile = `${dataDir}.password`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(path.dirname(dataDir), { recursive: true, mode: account ? 0o711 : 0o700 });
  mkdirSync(half, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account) for (const one of [half, passwordFile]) chownSync(one, account.uid, account.gid);
  try {
    await run(
      path.join(binaries, 'bin/initdb'),
      [
        ...['-D', half, '-U', SUPERUSER, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`],
        // Sorted by code point, as with C, but every alphabet has its letter cases.
        ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--encoding=UTF8'],
        ...(throwAway ? ['--no-sync'] : []),
      ],
      account,
    );
  } finally {
    rmSync(passwordFile);
  }
  renameSync(half, dataDir);
}

function run(file: string, args: string[], account: Account | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      ...account,
      cwd: '/',
      env: { LC_ALL: 'C' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${path.basename(file)} failed (${code}): ${complaint.trim()}`));
    });
  });
}
