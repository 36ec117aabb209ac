import { expect, test } from '@jest/globals';
import { commands } from './command-support.js';
import { failureOf } from './support.js';

const NOBODY = { uid: 65_534, gid: 65_534 };
const { run, nothingIsLeft } = commands(NOBODY);

// Only root may become another user: each of both cases holds for one kind of worker.
if (process.getuid?.() === 0) {
  test('as another user a command has no rights of the worker, and its own folder and streams', async () => {
    const script = 'id -u; id -G; touch "$HOME/x" && echo out > /dev/stdout; cat /dev/stdin; cat /etc/shadow || exit 9';
    const { stdout, stderr } = await run({ shell: script, stdin: 'in', successExitCodes: [9] });
    expect(stdout).toBe('65534\n65534\nout\nin');
    expect(stderr).toContain('Permission denied');
    nothingIsLeft();
  });
} else {
  test('a worker that may not become another user runs nothing', async () => {
    expect(await failureOf(run({ command: ['true'] }))).toMatchObject({ retryable: true });
    nothingIsLeft();
  });
}
