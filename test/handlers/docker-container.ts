import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';

/** What an image does when it runs, in the hands of a test. Its answer is the exit code; 0 if it has none. */
export type Program = (container: RunningContainer) => Promise<number | void> | number | void;

export interface RunningContainer {
  readonly spec: ContainerSpec;
  /** One frame of output each. */
  stdout(output: string | Buffer): void;
  stderr(output: string | Buffer): void;
  /** Resolves with SIGTERM when it comes. A program that does not wait for it ignores it, as most do as process 1. */
  readonly terminated: Promise<void>;
  /** Aborts when it is killed. */
  readonly killed: AbortSignal;
  /** Ends as the kernel ends a process that needs too much memory. */
  outOfMemory(): never;
}

/** The body of POST /containers/create. */
export interface ContainerSpec {
  Image: string;
  Env?: string[];
  Labels?: Record<string, string>;
  HostConfig?: { Memory?: number; NanoCpus?: number };
  [other: string]: unknown;
}

class OutOfMemory extends Error {}

/** A container of the stand-in: its state, and whoever is attached to it. */
export class StandInContainer {
  readonly id = randomBytes(32).toString('hex');
  status: 'created' | 'running' | 'exited' = 'created';
  exitCode = 0;
  oomKilled = false;
  /** Resolves when it has ended. */
  readonly exited: Promise<void>;
  readonly removed: Promise<void>;
  readonly attached = new Set<Socket>();
  markRemoved: () => void = () => undefined;
  private markExited: () => void = () => undefined;
  private terminate: () => void = () => undefined;
  private readonly kills = new AbortController();
  private readonly terminated = new Promise<void>((resolve) => (this.terminate = resolve));
  private writing: Promise<void> = Promise.resolve();

  constructor(
    readonly name: string,
    readonly spec: ContainerSpec,
    private readonly program: Program,
    /** The most bytes that are written at once: frames are cut there. */
    private readonly writeBytes: number,
  ) {
    this.exited = new Promise((resolve) => (this.markExited = resolve));
    this.removed = new Promise((resolve) => (this.markRemoved = resolve));
  }

  start(): void {
    this.status = 'running';
    void this.runProgram();
  }

  /** A signal for its first process. */
  signal(name: 'SIGTERM' | 'SIGKILL'): void {
    if (name === 'SIGTERM') this.terminate();
    else this.kills.abort();
  }

  private async runProgram(): Promise<void> {
    const killed = new Promise<number>((resolve) => {
      this.kills.signal.addEventListener('abort', () => resolve(137), { once: true });
    });
    const running: RunningContainer = {
      spec: this.spec,
      stdout: (output) => this.write(1, output),
      stderr: (output) => this.write(2, output),
      terminated: this.terminated,
      killed: this.kills.signal,
      outOfMemory: () => {
        throw new OutOfMemory();
      },
    };
    const ended = (async () => (await this.program(running)) ?? 0)().catch((error: unknown) => {
      this.oomKilled = error instanceof OutOfMemory;
      return this.oomKilled ? 137 : 1;
    });
    this.exitCode = await Promise.race([ended, killed]);
    await this.writing;
    // As the engine does it: first the streams end, then the state changes.
    for (const socket of this.attached) socket.end();
    this.status = 'exited';
    this.markExited();
  }

  private write(type: number, output: string | Buffer): void {
    if (this.status !== 'running') return;
    const payload = Buffer.from(output);
    const header = Buffer.alloc(8);
    header.writeUInt8(type, 0);
    header.writeUInt32BE(payload.length, 4);
    const frame = Buffer.concat([header, payload]);
    this.writing = this.writing.then(() => this.send(frame));
  }

  private async send(frame: Buffer): Promise<void> {
    for (let at = 0; at < frame.length; at += this.writeBytes) {
      const piece = frame.subarray(at, at + this.writeBytes);
      await Promise.all([...this.attached].map((socket) => sendTo(socket, piece)));
    }
  }
}

/** Waits until the socket took it, as the engine does, so that a reader who stops stops the container. */
const sendTo = (socket: Socket, bytes: Buffer): Promise<void> =>
  new Promise((resolve) => {
    if (socket.destroyed) resolve();
    else socket.write(bytes, () => resolve());
  });
