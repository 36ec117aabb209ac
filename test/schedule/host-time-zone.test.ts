import { expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const register = new URL('./support/register-typescript.mjs', import.meta.url);
const printFires = new URL('./support/print-fires.ts', import.meta.url);

/** The output of print-fires.ts on a host whose own time zone is `hostZone`. */
async function firesOnHost(hostZone: string): Promise<{ hostOffset: number; results: unknown[] }> {
  const args = ['--import', register.href, fileURLToPath(printFires)];
  const { stdout } = await run(process.execPath, args, {
    env: { TZ: hostZone },
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(stdout) as { hostOffset: number; results: unknown[] };
}

test("the host's own time zone changes no fire and no word", async () => {
  const reference = await firesOnHost('UTC');
  expect(reference.results).toHaveLength(52);
  for (const [hostZone, offset] of [
    ['America/Nuuk', 120],
    ['Asia/Kathmandu', -345],
    ['Pacific/Kiritimati', -840],
  ] as const) {
    const { hostOffset, results } = await firesOnHost(hostZone);
    expect(hostOffset).toBe(offset); // the host really was elsewhere
    expect(results).toEqual(reference.results);
  }
});
