import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { ownDataDir } from '../../src/platform/embedded/owner-lock.js';
import { identityOf } from '../../src/platform/embedded/process-identity.js';
import { temporaryDir } from '../support/temporary-dir.js';

let dir: string;
beforeEach(() => {
  dir = temporaryDir('owner');
});

async function livingProcess(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  return child;
}

test('a second owner is refused, in a sentence that says what to do', async () => {
  await ownDataDir(dir);
  await expect(ownDataDir(dir)).rejects.toThrow(
    `Carillon already runs on ${dir} (process ${process.pid}): stop that one first, or set CARILLON_DATA_DIR to another folder.`,
  );
});

test('a folder that was given up can be owned again, and nothing is left in it', async () => {
  (await ownDataDir(dir)).giveUp();
  (await ownDataDir(dir)).giveUp();
  expect(readdirSync(dir)).toEqual([]);
});

test('a killed owner owns nothing', async () => {
  const killed = { pid: process.pid, identity: 'an earlier process of this pid' };
  writeFileSync(path.join(dir, 'owner.json'), JSON.stringify(killed));
  await ownDataDir(dir);
});

test('of many that find a killed owner, one gets the folder', async () => {
  writeFileSync(path.join(dir, 'owner.json'), JSON.stringify({ pid: process.pid, identity: 'gone' }));
  const attempts = await Promise.allSettled(Array.from({ length: 5 }, () => ownDataDir(dir)));
  expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('a start that saw a killed owner leaves alone who took the folder since', async () => {
  const file = path.join(dir, 'owner.json');
  const winner = await livingProcess();
  writeFileSync(file, JSON.stringify({ pid: process.pid, identity: 'gone' }));
  const second = ownDataDir(dir);
  // It has looked, and will act on that at its next turn.
  writeFileSync(file, JSON.stringify({ pid: winner.pid, identity: identityOf(winner.pid ?? 0) }));
  await expect(second).rejects.toThrow(`(process ${winner.pid})`);
  expect(readdirSync(dir)).toEqual(['owner.json']);
  winner.kill('SIGKILL');
  await once(winner, 'exit');
  await ownDataDir(dir);
});

test('an owner whose folder was deleted can end all the same', async () => {
  const owner = await ownDataDir(dir);
  rmSync(dir, { recursive: true });
  owner.isEnding();
  owner.giveUp();
  expect(existsSync(dir)).toBe(false);
});

test('an owner whose folder is now the one of another leaves that alone', async () => {
  const owner = await ownDataDir(dir);
  rmSync(dir, { recursive: true });
  mkdirSync(dir);
  const file = path.join(dir, 'owner.json');
  writeFileSync(file, '{"pid":1,"identity":"another"}');
  owner.isEnding();
  owner.giveUp();
  expect(readFileSync(file, 'utf8')).toBe('{"pid":1,"identity":"another"}');
});

test('an owner that is ending is waited for', async () => {
  const first = await ownDataDir(dir);
  first.isEnding();
  const second = ownDataDir(dir);
  first.giveUp();
  await second;
});

test('an owner whose npm was killed is about to end, and is waited for', async () => {
  const ending = await livingProcess();
  const pid = ending.pid ?? 0;
  const owner = { pid, identity: identityOf(pid), startedBy: { pid: process.pid, identity: 'killed' } };
  writeFileSync(path.join(dir, 'owner.json'), JSON.stringify(owner));
  const second = ownDataDir(dir);
  ending.kill('SIGKILL');
  await second;
});
