import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { withLock } from '../../scripts/lib/lock.mjs';
import { identityOf } from '../../src/platform/embedded/process-identity.js';
import { temporaryDir } from '../support/temporary-dir.js';

/** No process has this pid: it is beyond the largest that Linux gives. */
const DEAD_PID = 2 ** 22 + 1;

let dir: string;
let file: string;
beforeEach(() => {
  dir = temporaryDir('lock');
  file = path.join(dir, 'ensure.lock');
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
});
afterEach(() => {
  jest.restoreAllMocks();
});

test('one works at a time, also of those that find the lock of a killed one, and nothing is left', async () => {
  fs.writeFileSync(file, String(DEAD_PID));
  let working = 0;
  const work = async () => {
    working++;
    await new Promise((resolve) => setImmediate(resolve));
    expect(working--).toBe(1);
  };
  await Promise.all(Array.from({ length: 3 }, () => withLock(file, work)));
  expect(fs.readdirSync(dir)).toEqual([]);
});

test('one that saw the lock of a killed one leaves alone who took it since', async () => {
  const winner = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(winner, 'spawn');
  const pid = winner.pid ?? 0;
  fs.writeFileSync(file, String(DEAD_PID));
  jest.spyOn(fs, 'readFileSync').mockImplementationOnce(() => {
    fs.writeFileSync(file, String(pid));
    return String(DEAD_PID);
  });
  const whoWorked = withLock(file, async () => identityOf(pid));
  expect(fs.readFileSync(file, 'utf8')).toBe(String(pid));
  winner.kill('SIGKILL');
  // Worked only when that was gone.
  expect(await whoWorked).toBeUndefined();
  expect(fs.readdirSync(dir)).toEqual([]);
});
