import { execFile } from 'node:child_process';
import { chownSync, closeSync, constants, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { HandlerError } from '../handler.js';
import { DEFAULT_PATH } from './environment.js';
import { systemCode } from './system-error.js';

const { O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants;

/** The user that commands run as. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** The standard streams of a program. */
export interface StandardStreams {
  /** The program's ends, for `spawn`. */
  readonly theirs: readonly ['ignore' | number, number, number];
  readonly stdout: Socket;
  readonly stderr: Socket;
  /** Closes our copies of the program's ends: until then no stream ends. */
  closeTheirs(): void;
}

/**
 * Makes streams that a program can open by name. Node's own are sockets: with those `echo oops > /dev/stderr` and
 * `cat /dev/stdin` fail in every script with "No such device or address". So the output goes through FIFOs and the
 * input comes from a file, and their names are gone before the program starts. (To open a FIFO without a writer waits
 * for one, so that the input can't be one.)
 *
 * @param folder empty, and nobody else's
 * @throws HandlerError `command_not_started` (retryable)
 */
export async function openStandardStreams(
  folder: string,
  stdin: string | undefined,
  options: { path: string; owner: Owner | undefined },
): Promise<StandardStreams> {
  const names = {
    stdin: path.join(folder, 'stdin'),
    out: path.join(folder, 'stdout'),
    err: path.join(folder, 'stderr'),
  };
  try {
    await promisify(execFile)('mkfifo', ['-m', '600', names.out, names.err], {
      env: { PATH: `${DEFAULT_PATH}:${options.path}` },
    });
    return open(names, stdin, options.owner);
  } catch (error) {
    const message = `No streams for the command could be made (${systemCode(error)}).`;
    throw new HandlerError('command_not_started', message, { cause: error });
  }
}

/** These calls are short, so they may block; and nothing else can come between them. */
function open(
  names: { stdin: string; out: string; err: string },
  stdin: string | undefined,
  owner: Owner | undefined,
): StandardStreams {
  const opened = new Set<number>();
  const end = (name: string, flags: number): number => {
    const fd = openSync(name, flags);
    opened.add(fd);
    return fd;
  };
  const close = (fd: number | 'ignore') => fd !== 'ignore' && opened.delete(fd) && closeSync(fd);
  try {
    if (stdin !== undefined) writeFileSync(names.stdin, stdin, { mode: 0o600 });
    const input = stdin === undefined ? 'ignore' : end(names.stdin, O_RDONLY);
    // To open one end of a FIFO waits for the other end: these hold both for a moment, so that nothing waits.
    const holders = [end(names.out, O_RDWR | O_NONBLOCK), end(names.err, O_RDWR | O_NONBLOCK)];
    // Each end is opened by itself, as only ours must not block.
    const theirs = [input, end(names.out, O_WRONLY), end(names.err, O_WRONLY)] as const;
    const [out, err] = [end(names.out, O_RDONLY | O_NONBLOCK), end(names.err, O_RDONLY | O_NONBLOCK)] as const;
    holders.forEach(close);
    for (const name of [names.out, names.err, ...(stdin === undefined ? [] : [names.stdin])]) {
      // To open /dev/stdout is to open the file anew, which its owner may.
      if (owner) chownSync(name, owner.uid, owner.gid);
      unlinkSync(name);
    }
    return {
      theirs,
      stdout: new Socket({ fd: out, readable: true, writable: false }),
      stderr: new Socket({ fd: err, readable: true, writable: false }),
      closeTheirs: () => theirs.forEach(close),
    };
  } catch (error) {
    opened.forEach(close);
    throw error;
  }
}
