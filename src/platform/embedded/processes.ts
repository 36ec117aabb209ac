import { spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { identityOf, isStillThere } from './process-identity.js';
import { becomesTrue, settlesWithin } from './wait.js';

/** A process that does not end within its time is killed; the kernel needs a moment for that too. */
const KILL_MS = 500;

export interface ProcessOptions {
  /** For people: in messages and the name of the log file. */
  name: string;
  file: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Where its standard output and error are appended. A file and no pipe, so that it can outlive us and still write. */
  logFile: string;
  /** The signal it ends cleanly at. */
  stopSignal: 'SIGTERM' | 'SIGINT';
  /** How long it may take to end after that signal before it is killed. */
  stopWithinMs: number;
  /** Lower ones are ended first, those of one number together. */
  stopOrder: number;
  uid?: number;
  gid?: number;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface RunningProcess {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** How long its log was when it started. */
  readonly logFromByte: number;
  /** Resolves when it has ended, for whatever reason. */
  readonly exited: Promise<Exit>;
  /** Ends it: its stop signal, then SIGKILL. Resolves when it is gone. Harmless when it already is. */
  stop(): Promise<void>;
}

/** What is noted of a child, so that a later start can end it if we die first. */
interface ProcessRecord {
  name: string;
  pid: number;
  identity: string;
  stopSignal: 'SIGTERM' | 'SIGINT';
  stopWithinMs: number;
  stopOrder: number;
}

export interface Processes {
  /** Starts one. Throws when it can't be started at all (no such file, no right to run it), or all are being stopped. */
  start(options: ProcessOptions): Promise<RunningProcess>;
  /** Ends what an earlier owner of this data folder left running; the names of what was ended. */
  endOrphans(): Promise<string[]>;
  /** Ends all that was started here, in their stop order. From then on none can be started. */
  stopAll(): Promise<void>;
  /** Kills all at once, without waiting. */
  killAll(): void;
}

/**
 * The children of one data folder. Each leads a process group of its own, so that Ctrl-C in the terminal reaches only
 * us and we end them in order; hence they outlive us when we are killed, and are noted in `<folder>/processes.json`.
 */
export function openProcesses(dataDir: string): Processes {
  mkdirSync(dataDir, { recursive: true });
  const file = path.join(dataDir, 'processes.json');
  const live = new Map<RunningProcess, ProcessRecord>();
  const save = (): void => writeRecords(file, [...live.values()]);
  let isStopping = false;

  return {
    async start(options) {
      if (isStopping) throw new Error(`${options.name} is not started: everything is being stopped.`);
      const child = await launch(options);
      const { name, stopSignal, stopWithinMs, stopOrder } = options;
      const identity = identityOf(child.pid) ?? '';
      live.set(child, { name, pid: child.pid, identity, stopSignal, stopWithinMs, stopOrder });
      save();
      void child.exited.then(() => {
        live.delete(child);
        try {
          save();
        } catch {
          // The note still names a process that is gone, which a later start sees. Nothing may keep the others from ending.
        }
      });
      // Stopped while it came up: it was not yet in the list of what to stop.
      if (isStopping) await child.stop();
      return child;
    },
    async endOrphans() {
      const orphans = readRecords(file).filter(({ pid, identity }) => isStillThere(pid, identity));
      await inOrder(orphans, ({ stopOrder }) => stopOrder, endOrphan);
      rmSync(file, { force: true });
      return orphans.map(({ name }) => name);
    },
    async stopAll() {
      isStopping = true;
      await inOrder(
        [...live],
        ([, { stopOrder }]) => stopOrder,
        ([child]) => child.stop(),
      );
    },
    killAll() {
      isStopping = true;
      for (const { pid } of live.values()) signalGroup(pid, 'SIGKILL');
    },
  };
}

/** Does `work` for all of the lowest order together, then for those of the next. */
async function inOrder<T>(items: T[], orderOf: (item: T) => number, work: (item: T) => Promise<void>): Promise<void> {
  for (const order of [...new Set(items.map(orderOf))].toSorted((a, b) => a - b)) {
    await Promise.all(items.filter((item) => orderOf(item) === order).map(work));
  }
}

async function launch(options: ProcessOptions): Promise<RunningProcess> {
  const { name, file, args, env, cwd, logFile, stopSignal, stopWithinMs, uid, gid } = options;
  mkdirSync(path.dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a', 0o600);
  const logFromByte = fstatSync(log).size;
  const child = spawn(file, args, {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', log, log],
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  });
  closeSync(log);
  const exited = new Promise<Exit>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => reject(new Error(`${name} can't be started: ${cause.message}`, { cause })));
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} has no process id.`);
  return {
    name,
    pid,
    logFile,
    logFromByte,
    exited,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      signalGroup(pid, stopSignal);
      if (await settlesWithin(exited, stopWithinMs)) return;
      signalGroup(pid, 'SIGKILL');
      await settlesWithin(exited, KILL_MS);
    },
  };
}

async function endOrphan({ pid, identity, stopSignal, stopWithinMs }: ProcessRecord): Promise<void> {
  const isGone = (): boolean => !isStillThere(pid, identity);
  signalGroup(pid, stopSignal);
  if (await becomesTrue(isGone, { withinMs: stopWithinMs })) return;
  signalGroup(pid, 'SIGKILL');
  await becomesTrue(isGone, { withinMs: KILL_MS });
}

/** Signals the group that `pid` leads; a group that ended meanwhile is no error. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function readRecords(file: string): ProcessRecord[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessRecord[];
  } catch {
    // None, or cut off by a power failure: after which no process is left either.
    return [];
  }
}

function writeRecords(file: string, records: ProcessRecord[]): void {
  const whole = `${file}.tmp`;
  try {
    writeFileSync(whole, JSON.stringify(records), { mode: 0o600 });
    renameSync(whole, file);
  } catch (error) {
    // The folder was deleted under us: there is no next start here to tell.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
