import { writeFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { temporaryDir } from '../support/temporary-dir.js';
import { commandContext, commands, isAlive, messages } from './command-support.js';
import { failureOf } from './support.js';

const { run, nothingIsLeft } = commands();
const reason = new Error('cancelled');

afterEach(nothingIsLeft);

/** Waits until a process has written its id, and returns it. */
async function pidIn(file: string): Promise<number> {
  return eventually(() => {
    const pid = Number(readFileSync(file, 'utf8'));
    if (!(pid > 1)) throw new Error(`${file} holds no process id yet.`);
    return pid;
  });
}

const isGone = (pid: number) => eventually(() => expect(isAlive(pid)).toBe(false));

test('a run that is aborted ends with the reason, and its processes are gone', async () => {
  const folder = temporaryDir('pids');
  const stop = new AbortController();
  const script = `sleep 1000 & echo $! > ${folder}/child; echo $$ > ${folder}/leader; wait`;
  const attempt = failureOf(run({ shell: script }, commandContext(stop.signal)));
  const pids = [await pidIn(`${folder}/child`), await pidIn(`${folder}/leader`)];
  expect(pids.map(isAlive)).toEqual([true, true]);
  stop.abort(reason);
  expect(await attempt).toBe(reason);
  for (const pid of pids) await isGone(pid);
});

test('a run that was aborted before it began starts nothing', async () => {
  const file = path.join(temporaryDir('files'), 'begun');
  expect(await failureOf(run({ command: ['touch', file] }, commandContext(AbortSignal.abort(reason))))).toBe(reason);
  expect(existsSync(file)).toBe(false);
});

test('a command that heeds SIGTERM has the time to clean up, and so have those it started', async () => {
  const folder = temporaryDir('pids');
  const stop = new AbortController();
  const context = commandContext(stop.signal);
  const child = `trap 'sleep 0.3; echo cleaned > ${folder}/cleaned; exit' TERM; echo $$ > ${folder}/child; while :; do sleep 0.05; done`;
  writeFileSync(`${folder}/child.sh`, child);
  const attempt = failureOf(run({ shell: `sh ${folder}/child.sh & trap 'echo bye; exit 0' TERM; wait` }, context));
  const pid = await pidIn(`${folder}/child`);
  stop.abort(reason);
  expect(await attempt).toBe(reason);
  expect(messages(context.lines, 'info')).toEqual(['bye']);
  expect(readFileSync(`${folder}/cleaned`, 'utf8')).toBe('cleaned\n');
  await isGone(pid);
});

test('a group that ignores SIGTERM is killed in the end', async () => {
  const folder = temporaryDir('pids');
  const stop = new AbortController();
  const script = `trap '' TERM; sleep 1000 & echo $! > ${folder}/child; echo $$ > ${folder}/leader; while :; do sleep 1000; done`;
  const attempt = failureOf(run({ shell: script }, commandContext(stop.signal)));
  const pids = [await pidIn(`${folder}/child`), await pidIn(`${folder}/leader`)];
  stop.abort(reason);
  expect(await attempt).toBe(reason);
  for (const pid of pids) await isGone(pid);
});

test.each([
  ['in the background', 'sleep 1000 &'],
  ['twice forked, deaf to SIGTERM', `(trap '' TERM; (sleep 1000 & echo $! > PID) &)`],
  ['in a session of its own', 'setsid sleep 1000 &'],
  ['in a session of its own, twice forked', '(setsid sh -c "sleep 1000 & echo \\$! > PID" &) '],
])('what a command leaves running %s is gone when the run ends', async (_case, leave) => {
  const file = path.join(temporaryDir('pids'), 'pid');
  const note = leave.includes('PID') ? `; while [ ! -s ${file} ]; do sleep 0.01; done` : ` echo $! > ${file}`;
  const result = await run({ shell: leave.replace('PID', file) + note });
  expect(result.exitCode).toBe(0);
  await isGone(await pidIn(file));
});

test('the processes of another run are left alone', async () => {
  const file = path.join(temporaryDir('pids'), 'pid');
  const stop = new AbortController();
  const other = failureOf(run({ shell: `echo $$ > ${file}; exec sleep 1000` }, commandContext(stop.signal)));
  const pid = await pidIn(file);
  await run({ shell: 'sleep 1000 &' });
  expect(isAlive(pid)).toBe(true);
  stop.abort(reason);
  expect(await other).toBe(reason);
});

test('a command that closes its output runs on to its end', async () => {
  expect(await run({ shell: 'echo first; exec >&- 2>&-; sleep 0.2; exit 4', successExitCodes: [4] })).toMatchObject({
    exitCode: 4,
    stdout: 'first\n',
  });
});
