import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { identityOf } from '../../src/platform/embedded/process-identity.js';
import { openProcesses, type ProcessOptions } from '../../src/platform/embedded/processes.js';
import { becomesTrue } from '../../src/platform/embedded/wait.js';
import { temporaryDir } from '../support/temporary-dir.js';

let dir: string;
const bystanders: ChildProcess[] = [];

beforeEach(() => {
  dir = temporaryDir('processes');
});
afterEach(async () => {
  await openProcesses(dir).endOrphans();
  for (const one of bystanders.splice(0)) one.kill('SIGKILL');
});

/** A Node that runs this script; it says `up` when it does. */
function script(name: string, code: string, more: Partial<ProcessOptions> = {}): ProcessOptions {
  return {
    name,
    file: process.execPath,
    args: ['-e', `${code}; console.log('up'); setInterval(() => {}, 1000);`],
    env: {},
    cwd: '/',
    logFile: path.join(dir, `${name}.log`),
    stopSignal: 'SIGTERM',
    stopWithinMs: 5_000,
    stopOrder: 1,
    ...more,
  };
}

const isAlive = (pid: number): boolean => identityOf(pid) !== undefined;
const isUp = async ({ logFile }: { logFile: string }): Promise<void> => {
  const said = (): boolean => existsSync(logFile) && readFileSync(logFile, 'utf8').includes('up');
  expect(await becomesTrue(said, { withinMs: 10_000 })).toBe(true);
};
const OBEYS = `process.on('SIGTERM', () => { console.log('ended'); process.exit(0); })`;
const IGNORES = `process.on('SIGTERM', () => {})`;

describe('a process that is stopped', () => {
  test('gets its signal and may end by itself', async () => {
    const obeys = await openProcesses(dir).start(script('obeys', OBEYS));
    await isUp(obeys);
    await obeys.stop();
    expect(await obeys.exited).toEqual({ code: 0, signal: null });
  });

  test('is killed when it does not end in its time', async () => {
    const ignores = await openProcesses(dir).start(script('ignores', IGNORES, { stopWithinMs: 100 }));
    await isUp(ignores);
    await ignores.stop();
    expect(await ignores.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('takes what it started with it', async () => {
    const child = `const c = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']); console.log('pid', c.pid)`;
    const parent = await openProcesses(dir).start(script('parent', child));
    await isUp(parent);
    const pid = Number(/pid (\d+)/.exec(readFileSync(parent.logFile, 'utf8'))?.[1]);
    expect(isAlive(pid)).toBe(true);
    await parent.stop();
    expect(await becomesTrue(() => !isAlive(pid), { withinMs: 5_000 })).toBe(true);
  });
});

describe('when all are stopped', () => {
  test('those that need the others go first', async () => {
    const processes = openProcesses(dir);
    const order: string[] = [];
    for (const [name, stopOrder] of Object.entries({ Postgres: 3, API: 1, Temporal: 2 })) {
      const one = await processes.start(script(name, OBEYS, { stopOrder }));
      await isUp(one);
      void one.exited.then(() => order.push(name));
    }
    await processes.stopAll();
    expect(order).toEqual(['API', 'Temporal', 'Postgres']);
  });

  test('no other can be started', async () => {
    const processes = openProcesses(dir);
    await processes.stopAll();
    await expect(processes.start(script('late', ''))).rejects.toThrow('late is not started');
  });
});

describe('the next owner of the folder', () => {
  test('ends what the last one left, and says what', async () => {
    const left = await openProcesses(dir).start(script('left', OBEYS));
    await isUp(left);
    expect(await openProcesses(dir).endOrphans()).toEqual(['left']);
    expect(isAlive(left.pid)).toBe(false);
  });

  test('finds nothing after all were stopped', async () => {
    const processes = openProcesses(dir);
    await processes.start(script('one', OBEYS));
    await processes.stopAll();
    expect(await openProcesses(dir).endOrphans()).toEqual([]);
  });

  test('leaves a process alone that only has the pid of one of ours', async () => {
    const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true });
    bystanders.push(bystander);
    await once(bystander, 'spawn');
    const pid = bystander.pid ?? 0;
    const ours = {
      name: 'ours',
      pid,
      identity: 'another start',
      stopSignal: 'SIGTERM',
      stopWithinMs: 100,
      stopOrder: 1,
    };
    writeFileSync(path.join(dir, 'processes.json'), JSON.stringify([ours]));
    expect(await openProcesses(dir).endOrphans()).toEqual([]);
    expect(isAlive(pid)).toBe(true);
  });

  test('is not stopped by a list that was cut off', async () => {
    writeFileSync(path.join(dir, 'processes.json'), '[{"pid": 1');
    expect(await openProcesses(dir).endOrphans()).toEqual([]);
  });
});

test('a program that is not there is an error with its name', async () => {
  const missing = script('Temporal', '', { file: path.join(dir, 'nothing') });
  await expect(openProcesses(dir).start(missing)).rejects.toThrow("Temporal can't be started");
});
