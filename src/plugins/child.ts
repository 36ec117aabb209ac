import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { type Duplex, PassThrough, type Readable } from 'node:stream';
import { killMarked, signalGroup } from '../handlers/shared/processes.js';
import { LAST_OUTPUT_MS } from './limits.js';
import type { ToChild } from './messages.js';

/** The variable that marks all that a run started: a process that left the group has it still. */
const RUN_MARK = 'CARILLON_RUN_MARK';

export interface ChildOptions {
  /** The built `isolate.js`. */
  readonly entry: string;
  readonly cwd: string;
  /** All of its environment, beside TZ and a mark of ours. */
  readonly env: Readonly<Record<string, string>>;
  readonly memoryLimitMb: number;
  /** For people who look at the machine's processes: the handler, and the run. */
  readonly label: readonly string[];
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** It could not be started at all. */
  readonly error?: Error;
}

/** A process of its own for one run, and leader of its process group. */
export interface Child {
  readonly pid: number | undefined;
  readonly channel: Duplex;
  readonly stdout: Readable;
  readonly stderr: Readable;
  send(message: ToChild): void;
  /** Kills it and what it started. Harmless when it has ended. */
  kill(): void;
  /** Resolves when nothing of it runs, and all that it wrote was read. */
  readonly gone: Promise<Exit>;
}

const noPipe = (): Duplex => new PassThrough().end();

export function startChild({ entry, cwd, env, memoryLimitMb, label }: ChildOptions): Child {
  const mark = randomUUID();
  // Not fork(): its channel has no bound on what the child sends, and plugins would take `process.send` for theirs.
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${memoryLimitMb}`, entry, String(process.pid), ...label],
    {
      cwd,
      env: { ...env, TZ: 'UTC', [RUN_MARK]: mark },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    },
  );
  // Where no descriptor is left, there are no pipes at all; the error comes as an event.
  const pipes = (child.stdio as typeof child.stdio | undefined)?.slice(1) ?? Array.from({ length: 3 }, noPipe);
  const [stdout, stderr, channel] = pipes as [Readable, Readable, Duplex];
  // The child may end while we write to it.
  channel.on('error', () => undefined);
  const gone = new Promise<Exit>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error }));
    child.once('exit', (code, signal) => {
      if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
      killMarked(RUN_MARK, mark);
      const end = () => {
        clearTimeout(timer);
        for (const stream of [channel, stdout, stderr]) stream.destroy();
        resolve({ code, signal });
      };
      // What it started and we could not find may hold the pipes open.
      const timer = setTimeout(end, LAST_OUTPUT_MS);
      child.once('close', end);
    });
  });
  return {
    pid: child.pid,
    channel,
    stdout,
    stderr,
    send: (message) => void channel.write(`${JSON.stringify(message)}\n`),
    kill: () => {
      const hasEnded = child.exitCode !== null || child.signalCode !== null;
      if (child.pid !== undefined && !hasEnded) signalGroup(child.pid, 'SIGKILL');
    },
    gone,
  };
}
