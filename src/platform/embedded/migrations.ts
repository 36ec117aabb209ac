import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { announced, type Say } from './progress.js';

/** SQLSTATE: the database, or the table of applied migrations, is not there. */
const NOT_YET_MADE = new Set(['3D000', '42P01']);

export interface MigrationOptions {
  /** The project's folder: `prisma/migrations`, `scripts/prisma.mjs`. */
  root: string;
  databaseUrl: string;
  env: NodeJS.ProcessEnv;
}

/**
 * The names of the migrations that this database lacks, oldest first: not applied, or applied with another content.
 * Asks the table that the Prisma CLI keeps, in about 20 ms; the CLI itself takes seconds.
 * @throws Error with a sentence when it can't be reached.
 */
export async function pendingMigrations({ root, databaseUrl }: Omit<MigrationOptions, 'env'>): Promise<string[]> {
  const applied = await appliedChecksums(databaseUrl);
  return [...wantedChecksums(path.join(root, 'prisma/migrations'))]
    .filter(([name, checksum]) => applied.get(name) !== checksum)
    .map(([name]) => name)
    .toSorted();
}

/**
 * Brings the database up to date with the official CLI (`prisma migrate deploy`), only when something is pending.
 * @throws Error with the CLI's words when it fails, or when an applied migration's file was edited.
 */
export async function applyMigrations(options: MigrationOptions & { say: Say }): Promise<void> {
  const pending = await pendingMigrations(options);
  if (pending.length === 0) return;
  await announced(options.say, 'Bringing the database up to date', () => deploy(options));
  const left = await pendingMigrations(options);
  if (left.length > 0) {
    throw new Error(
      `prisma/migrations/${left[0]} is not what was applied. Was it edited since? Put it back, and add a new migration instead.`,
    );
  }
}

async function appliedChecksums(databaseUrl: string): Promise<Map<string, string>> {
  const client = new pg.Client({ connectionString: databaseUrl });
  try {
    await client.connect().catch(unreachable);
    const { rows } = await client.query<{ migration_name: string; checksum: string }>(
      'select migration_name, checksum from _prisma_migrations where finished_at is not null and rolled_back_at is null',
    );
    return new Map(rows.map((row) => [row.migration_name, row.checksum]));
  } catch (error) {
    if (NOT_YET_MADE.has((error as pg.DatabaseError).code ?? '')) return new Map();
    throw error;
  } finally {
    await client.end();
  }
}

/** Of a name with several addresses, each has its error, and the whole has no words. */
function unreachable(cause: Error): never {
  if (NOT_YET_MADE.has((cause as pg.DatabaseError).code ?? '')) throw cause;
  const words = cause instanceof AggregateError ? cause.errors.map(({ message }: Error) => message) : [cause.message];
  throw new Error(`The database that DATABASE_URL names can't be reached: ${words.join(', ')}.`, { cause });
}

/** Prisma's own checksum: SHA-256 of the file. */
function wantedChecksums(dir: string): Map<string, string> {
  const folders = readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return new Map(
    folders.map(({ name }) => {
      const sql = readFileSync(path.join(dir, name, 'migration.sql'));
      return [name, createHash('sha256').update(sql).digest('hex')];
    }),
  );
}

function deploy({ root, databaseUrl, env }: MigrationOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(root, 'scripts/prisma.mjs'), 'migrate', 'deploy'], {
      cwd: root,
      env: { ...env, DATABASE_URL: databaseUrl },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let words = '';
    child.stdout.on('data', (chunk: Buffer) => (words += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (words += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`The migrations could not be applied:\n${words.trim()}`));
    });
  });
}
