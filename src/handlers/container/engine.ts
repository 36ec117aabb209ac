import type { Readable } from 'node:stream';
import { type EngineAddress } from './engine-address.js';
import { EngineError, hasStatus } from './engine-error.js';
import { createTransport, type EngineRequest } from './transport.js';

/** How long the engine may take for one request that does not wait for something. */
export const CALL_TIMEOUT_MS = 60_000;
/** How long a container may go on after it was told to stop, before it is killed. */
const STOP_GRACE_SECONDS = 5;

export interface ContainerState {
  readonly isRunning: boolean;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  readonly imageId: string | undefined;
}

/**
 * The requests to a Docker Engine that a run needs. Unversioned paths: each engine takes its own version, and all of this
 * is the same since API 1.25. All throw EngineError, or the reason of the signal given.
 */
export type Engine = ReturnType<typeof createEngine>;

export function createEngine(address: EngineAddress) {
  const transport = createTransport(address);
  const ask = (request: Omit<EngineRequest, 'signal'>, signal?: AbortSignal): Promise<unknown> => {
    const timeout = AbortSignal.timeout(CALL_TIMEOUT_MS);
    return transport.call({ ...request, signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
  };
  const container = (id: string, action = ''): string => `/containers/${encodeURIComponent(id)}${action}`;

  return {
    /** The containers with all of these labels (`name` or `name=value`), whatever their state. */
    async list(labels: readonly string[], signal?: AbortSignal) {
      const query = { all: true, filters: JSON.stringify({ label: labels }) };
      const found = await ask({ doing: 'listing containers', method: 'GET', path: '/containers/json', query }, signal);
      return found as readonly { Id: string; Labels?: Readonly<Record<string, string>> }[];
    },

    /** Without a signal: whether a container was made must be known. */
    async create(name: string, body: object): Promise<{ id: string; warnings: readonly string[] }> {
      const request = { doing: 'creating the container', method: 'POST', path: '/containers/create' } as const;
      const made = (await ask({ ...request, query: { name }, body })) as { Id: string; Warnings?: string[] | null };
      return { id: made.Id, warnings: made.Warnings ?? [] };
    },

    /** The progress of a pull, as JSON lines. */
    pull(query: { fromImage: string; tag: string }, signal: AbortSignal): Promise<Readable> {
      return transport.open({ doing: 'pulling the image', method: 'POST', path: '/images/create', query, signal });
    },

    /** The output from now on, in frames, until the container ends or the signal aborts. */
    attach(id: string, signal: AbortSignal): Promise<Readable> {
      const query = { stream: true, stdout: true, stderr: true };
      return transport.open({
        doing: 'attaching to the output',
        method: 'POST',
        path: container(id, '/attach'),
        query,
        signal,
      });
    },

    async start(id: string, signal: AbortSignal): Promise<void> {
      await ask({ doing: 'starting the container', method: 'POST', path: container(id, '/start') }, signal);
    },

    /** The exit code, once a started container has ended. */
    async wait(id: string, signal: AbortSignal): Promise<number> {
      const request = { doing: 'waiting for the container', method: 'POST', path: container(id, '/wait') } as const;
      const { StatusCode, Error } = (await transport.call({ ...request, signal })) as Waited;
      if (Error?.Message) throw new EngineError(request.doing, { status: 500, text: Error.Message });
      return StatusCode;
    },

    async inspect(id: string, signal?: AbortSignal): Promise<ContainerState> {
      const request = {
        doing: 'reading the state of the container',
        method: 'GET',
        path: container(id, '/json'),
      } as const;
      const { State, Image } = (await ask(request, signal)) as Inspected;
      return {
        isRunning: State.Running,
        exitCode: State.ExitCode,
        oomKilled: State.OOMKilled ?? false,
        imageId: Image,
      };
    },

    /** Sends SIGTERM, or what the image names instead, and SIGKILL when the grace is over. Resolves once it has ended. */
    async stop(id: string): Promise<void> {
      const query = { t: STOP_GRACE_SECONDS };
      await ask({ doing: 'stopping the container', method: 'POST', path: container(id, '/stop'), query }).catch(
        unless(304, 404),
      );
    },

    /** Kills and removes, with the volumes that the image declares. Resolves once there is no such container. */
    async remove(id: string, signal?: AbortSignal): Promise<void> {
      const doing = 'removing the container';
      const query = { force: true, v: true };
      try {
        await ask({ doing, method: 'DELETE', path: container(id), query }, signal);
      } catch (error) {
        if (hasStatus(error, 404)) return;
        if (!hasStatus(error, 409)) throw error;
        // Somebody else is removing it.
        const removed = { condition: 'removed' };
        await ask({ doing, method: 'POST', path: container(id, '/wait'), query: removed }, signal).catch(unless(404));
      }
    },
  };
}

/** The engine answers 200 before it waits, so an error is part of the answer. */
interface Waited {
  readonly StatusCode: number;
  readonly Error?: { readonly Message?: string } | null;
}

interface Inspected {
  readonly State: { readonly Running: boolean; readonly ExitCode: number; readonly OOMKilled?: boolean };
  readonly Image?: string;
}

const unless =
  (...statuses: number[]) =>
  (error: unknown): void => {
    if (!hasStatus(error, ...statuses)) throw error;
  };
