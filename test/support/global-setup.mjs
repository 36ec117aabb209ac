import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/**
 * Starts the keeper of the test services, once a run. It starts a service when the first test file asks for it, so that
 * a run of pure unit tests starts none; and it ends all of them when this process is gone, however that ended.
 */
export default async function globalSetup() {
  const script = fileURLToPath(new URL('./services-keeper.mjs', import.meta.url));
  const keeper = spawn(process.execPath, [script], {
    // Not in the terminal's process group: at Ctrl-C it must live long enough to clean up.
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
    // The runner's options (--experimental-vm-modules) are not for it.
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const [line] = await Promise.race([once(createInterface({ input: keeper.stdout }), 'line'), failed(keeper)]);
  const { url, dir } = JSON.parse(line);
  process.env.CARILLON_TEST_SERVICES = url;
  process.env.CARILLON_TEST_DIR = dir;
  globalThis.stopTestServices = async () => {
    const exited = once(keeper, 'exit');
    keeper.stdin.end();
    await exited;
  };
}

async function failed(keeper) {
  const [code] = await once(keeper, 'exit');
  throw new Error(`The keeper of the test services ended with ${code}: its words are above.`);
}
