import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { workflowBundlePath } from '../support/temporal.js';

/**
 * Workflows that began under an earlier release go on under this one, so today's code must make the same decisions from
 * their histories. `npm run record:history` adds one; none is ever taken away or recorded anew.
 */

Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });

const folder = new URL('./histories/', import.meta.url);
const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
const replay = (history: unknown) =>
  Worker.runReplayHistory({ workflowBundle: { codePath: workflowBundlePath() }, replayName: 'replay' }, history);
const read = async (name: string): Promise<unknown> => JSON.parse(await readFile(new URL(name, folder), 'utf8'));

describe('recorded histories', () => {
  test('there are some', () => expect(names.length).toBeGreaterThanOrEqual(6));

  test.each(names)('%s replays', async (name) => {
    await expect(replay(await read(name))).resolves.toBeUndefined();
  });

  test('a history in which another decision was made does not replay', async () => {
    const text = await readFile(new URL('one-time-completed.json', folder), 'utf8');
    const changed: unknown = JSON.parse(text.replaceAll('"executeRun"', '"somethingElse"'));
    await expect(replay(changed)).rejects.toThrow(/nondeterminism/i);
  });
});
