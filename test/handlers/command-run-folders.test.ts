import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { hostPrefix, makeRunFolder } from '../../src/handlers/command/run-folder.js';
import { sweepRunFolders } from '../../src/handlers/command/run-folder-sweep.js';
import { eventually } from '../support/eventually.js';
import { temporaryDir } from '../support/temporary-dir.js';
import { isAlive } from './command-support.js';

const HOUR_MS = 3_600_000;
const later = () => Date.now() + 2 * HOUR_MS;

/** The id of a process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn('true');
  await once(child, 'exit');
  return Number(child.pid);
}

const left = (parent: string, pid: number) => mkdtempSync(path.join(parent, `${hostPrefix()}${pid}-123-`));

test('the folders of dead workers go, with what is in them', async () => {
  const parent = temporaryDir('runs');
  const kept = temporaryDir('kept');
  writeFileSync(path.join(kept, 'file'), 'x');
  const folder = left(parent, await deadPid());
  mkdirSync(path.join(folder, 'deep'));
  symlinkSync(kept, path.join(folder, 'link'));
  expect(await sweepRunFolders(parent, HOUR_MS, later())).toBe(1);
  expect(readdirSync(parent)).toEqual([]);
  expect(readdirSync(kept)).toEqual(['file']);
});

test('a dead worker whose id another process has now is dead all the same', async () => {
  const parent = temporaryDir('runs');
  left(parent, process.pid);
  expect(await sweepRunFolders(parent, HOUR_MS, later())).toBe(1);
});

test('the folders of living workers, of other machines and of others stay, and so do new ones', async () => {
  const parent = temporaryDir('runs');
  await makeRunFolder(parent, undefined);
  const pid = await deadPid();
  mkdirSync(path.join(parent, `carillon-run-00000000-${pid}-123-abcdef`));
  mkdirSync(path.join(parent, `${hostPrefix()}${pid}-123-abcdef-mine`));
  mkdirSync(path.join(parent, 'carillon-runs'));
  const before = readdirSync(parent);
  expect(await sweepRunFolders(parent, HOUR_MS, later())).toBe(0);
  left(parent, pid);
  expect(await sweepRunFolders(parent, HOUR_MS)).toBe(0);
  expect(readdirSync(parent)).toHaveLength(before.length + 1);
});

test('what still runs of a dead worker is killed', async () => {
  const parent = temporaryDir('runs');
  const folder = left(parent, await deadPid());
  const orphan = spawn('sleep', ['1000'], { env: { PATH: process.env['PATH'], CARILLON_RUN_FOLDER: folder } });
  const ended = once(orphan, 'exit');
  await once(orphan, 'spawn');
  await sweepRunFolders(parent, HOUR_MS, later());
  expect(await ended).toEqual([null, 'SIGKILL']);
  await eventually(() => expect(isAlive(Number(orphan.pid))).toBe(false));
});

test('a parent that is not there is no failure', async () => {
  expect(await sweepRunFolders('/no/such/folder', HOUR_MS)).toBe(0);
});
