import { cpSync, mkdtempSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { projectRoot } from '../../src/platform/embedded/dev-config.js';
import { applyMigrations, pendingMigrations } from '../../src/platform/embedded/migrations.js';
import { createTestDatabase } from '../support/database.js';
import { temporaryDir } from '../support/temporary-dir.js';

let databaseUrl: string;
let root: string;

beforeAll(async () => {
  databaseUrl = (await createTestDatabase()).url;
  root = temporaryDir('migrations');
});

/** A project whose migrations are ours and those. */
function projectWith(more: Record<string, string>): string {
  const copy = mkdtempSync(path.join(root, 'project-'));
  cpSync(path.join(projectRoot, 'prisma'), path.join(copy, 'prisma'), { recursive: true });
  for (const [name, sql] of Object.entries(more)) {
    const dir = path.join(copy, 'prisma/migrations', name);
    mkdirSync(dir, { recursive: true });
    writeFileSync(path.join(dir, 'migration.sql'), sql);
  }
  return copy;
}

describe('which migrations are pending', () => {
  test('none on a migrated database', async () => {
    expect(await pendingMigrations({ root: projectRoot, databaseUrl })).toEqual([]);
  });

  test('a new one, by name', async () => {
    const project = projectWith({ '29990101000000_later': 'select 1;' });
    expect(await pendingMigrations({ root: project, databaseUrl })).toEqual(['29990101000000_later']);
  });

  test('all of them on a database that does not exist yet', async () => {
    const missing = new URL(databaseUrl);
    missing.pathname = '/not_there_yet';
    const pending = await pendingMigrations({ root: projectRoot, databaseUrl: missing.href });
    expect(pending.length).toBeGreaterThan(0);
  });

  test('a database that does not answer is an error, not an empty list', async () => {
    const nobody = 'postgresql://carillon:x@127.0.0.1:1/carillon';
    await expect(pendingMigrations({ root: projectRoot, databaseUrl: nobody })).rejects.toThrow('ECONNREFUSED');
  });
});

test('nothing pending starts no command line', async () => {
  const said: string[] = [];
  await applyMigrations({ root: projectRoot, databaseUrl, env: {}, say: (line) => said.push(line) });
  expect(said).toEqual([]);
});
