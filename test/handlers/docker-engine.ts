import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { temporaryDir } from '../support/temporary-dir.js';
import { answer, attach, inspected, stop, wait } from './docker-actions.js';
import { type ContainerSpec, type Program, StandInContainer } from './docker-container.js';

/** What the image does, or that it can't be started for want of its command. */
type Image = Program | 'no-command';

/** A registry's side of one image. */
interface Published {
  readonly image?: Image;
  /** Lines of the answer after which it ends; strings are sent as they are. */
  readonly lines?: readonly (object | string)[];
  /** An answer other than 200. */
  readonly status?: number;
  readonly message?: string;
  /** The answer does not end before this. */
  readonly until?: Promise<unknown>;
}

/** A request as the engine got it. */
export interface EngineRequest {
  readonly method: string;
  /** Without a version before it. */
  readonly path: string;
  readonly query: Record<string, string>;
  readonly body: unknown;
}

/** What a test makes of a request instead: an answer; `drop` before or after the engine has done it. */
type Fault = { status: number; message: string } | 'drop' | 'drop-after' | undefined;

const CPUS = 8;
const MEBIBYTE = 1024 * 1024;

/**
 * A stand-in for a Docker Engine (API 1.43 and later), as its documentation and its source describe it: a real HTTP server with state. It
 * has what the container handler asks for, and is strict where a mistake would show only with a real engine.
 */
export class StandInEngine {
  readonly images = new Map<string, Image>();
  readonly registry = new Map<string, Published>();
  readonly containers = new Map<string, StandInContainer>();
  readonly requests: EngineRequest[] = [];
  /** Pulls that have neither ended nor been given up. */
  pulling = 0;
  /** Asked before each request is done. */
  fault: (request: EngineRequest) => Fault | Promise<Fault> = () => undefined;
  /** The most bytes of output that are written at once. */
  writeBytes = 64 * 1024;
  warnings: string[] = [];
  /** `unix://` or `tcp://`, once it listens. */
  host = '';
  private readonly server = createServer((request, response) => void this.serve(request, response));

  async listen(over: 'unix' | 'tcp' = 'unix'): Promise<this> {
    const socketPath = path.join(temporaryDir('docker'), 'engine.sock');
    this.server.on('connection', (socket) => socket.setNoDelay(true));
    await new Promise<void>((resolve) => {
      if (over === 'unix') this.server.listen(socketPath, resolve);
      else this.server.listen(0, '127.0.0.1', resolve);
    });
    this.host =
      over === 'unix' ? `unix://${socketPath}` : `tcp://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return this;
  }

  /** Ends every connection, as a proxy does that limits how long they may last. */
  dropConnections(): void {
    this.server.closeAllConnections();
    for (const container of this.containers.values()) for (const socket of container.attached) socket.destroy();
  }

  /** The engine ends, and its containers with it. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.dropConnections();
    for (const container of this.containers.values()) container.signal('SIGKILL');
    await closed;
  }

  asked(method: string, pattern: RegExp): EngineRequest[] {
    return this.requests.filter((request) => request.method === method && pattern.test(request.path));
  }

  /** A container as an earlier attempt, or somebody else, has left it. */
  leave(
    name: string,
    labels: Record<string, string>,
    program: Program = ({ killed }) => ends(killed),
  ): StandInContainer {
    const container = new StandInContainer(name, { Image: 'left', Labels: labels }, program, this.writeBytes);
    this.containers.set(container.id, container);
    container.start();
    return container;
  }

  private async serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '', 'http://engine');
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const request: EngineRequest = {
      method: incoming.method ?? '',
      path: url.pathname.replace(/^\/v1\.\d+/, ''),
      query: Object.fromEntries(url.searchParams),
      body: text === '' ? undefined : JSON.parse(text),
    };
    this.requests.push(request);
    const fault = await this.fault(request);
    if (fault === 'drop') return void incoming.socket.destroy();
    if (typeof fault === 'object') return answer(response, fault.status, { message: fault.message });
    // What comes of it is not told.
    const told = fault === 'drop-after' ? silent(incoming) : response;
    await this.route(request, told as ServerResponse, incoming);
  }

  private async route(request: EngineRequest, response: ServerResponse, incoming: IncomingMessage): Promise<void> {
    const { method, query } = request;
    const [, id = '', action = ''] = /^\/containers\/([^/]+)(\/[a-z]+)?$/.exec(request.path) ?? [];
    const route = `${method} ${request.path}`;
    if (route === 'GET /_ping') return answer(response, 200, 'OK');
    if (route === 'GET /info') return answer(response, 200, { NCPU: CPUS, Containers: this.containers.size });
    if (route === 'POST /images/create') return this.pull(query, response, incoming);
    if (route === 'GET /containers/json') return this.list(query, response);
    if (route === 'POST /containers/create') return this.create(request, response);
    const container = this.containers.get(id) ?? [...this.containers.values()].find(({ name }) => name === id);
    if (!container) return answer(response, 404, { message: `No such container: ${id}` });
    switch (`${method} ${action}`) {
      case 'GET /json':
        return answer(response, 200, inspected(container));
      case 'POST /attach':
        return attach(container, response, incoming);
      case 'POST /start':
        return this.start(container, response);
      case 'POST /wait':
        return wait(container, query, response);
      case 'POST /stop':
        return stop(container, query, response);
      case 'POST /kill':
        if (container.status !== 'running') return answer(response, 409, { message: `Container ${id} is not running` });
        container.signal(query['signal'] === 'SIGTERM' ? 'SIGTERM' : 'SIGKILL');
        return answer(response, 204);
      case 'DELETE ':
        return this.remove(container, query, response);
      default:
        return answer(response, 404, { message: 'page not found' });
    }
  }

  private async pull(
    query: Record<string, string>,
    response: ServerResponse,
    incoming: IncomingMessage,
  ): Promise<void> {
    const { fromImage = '', tag = '' } = query;
    if (tag === '') return answer(response, 500, { message: 'the stand-in will not pull every tag' });
    const name = `${fromImage}${tag.includes(':') ? '@' : ':'}${tag}`;
    const published = this.registry.get(name);
    const denied = `pull access denied for ${fromImage}, repository does not exist or may require 'docker login'`;
    if (!published) return answer(response, 404, { message: denied });
    if (published.status !== undefined) return answer(response, published.status, { message: published.message });
    response.writeHead(200, { 'content-type': 'application/json' });
    for (const line of published.lines ?? [{ status: `Pulling from ${fromImage}`, id: tag }]) {
      response.write(typeof line === 'string' ? line : `${JSON.stringify(line)}\r\n`);
    }
    const gone = new Promise((resolve) => incoming.socket.once('close', resolve));
    this.pulling += 1;
    if (published.until) await Promise.race([published.until, gone]);
    this.pulling -= 1;
    if (published.image) this.images.set(name, published.image);
    response.end();
  }

  private list(query: Record<string, string>, response: ServerResponse): void {
    const { label = [] } = JSON.parse(query['filters'] ?? '{}') as { label?: string[] };
    const has = (labels: Record<string, string>, wanted: string): boolean => {
      const [, name = '', value] = /^([^=]+)(?:=(.*))?$/.exec(wanted) ?? [];
      return name in labels && (value === undefined || labels[name] === value);
    };
    const found = [...this.containers.values()]
      .filter(({ status }) => query['all'] === 'true' || status === 'running')
      .filter(({ spec }) => label.every((wanted) => has(spec.Labels ?? {}, wanted)));
    answer(
      response,
      200,
      found.map(({ id, name, status, spec }) => ({ Id: id, Names: [`/${name}`], State: status, Labels: spec.Labels })),
    );
  }

  private create({ query, body }: EngineRequest, response: ServerResponse): void {
    const { name = '', ...rest } = query;
    const spec = body as ContainerSpec;
    const { Memory = 0, NanoCpus = 0 } = spec.HostConfig ?? {};
    const refuse = (status: number, message: string): void => answer(response, status, { message });
    if (Object.keys(rest).length > 0) return refuse(400, `the URL tells too much: ${Object.keys(rest).join(', ')}`);
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) return refuse(400, `Invalid container name (${name})`);
    if (Memory > 0 && Memory < 6 * MEBIBYTE) return refuse(400, 'Minimum memory limit allowed is 6MB');
    if (NanoCpus > CPUS * 1e9) {
      return refuse(400, `range of CPUs is from 0.01 to ${CPUS}.00, as there are only ${CPUS} CPUs available`);
    }
    const image = this.images.get(spec.Image);
    if (image === undefined) return refuse(404, `No such image: ${spec.Image}`);
    const other = [...this.containers.values()].find((container) => container.name === name);
    if (other)
      return refuse(409, `Conflict. The container name "/${name}" is already in use by container "${other.id}".`);
    const program: Program = image === 'no-command' ? () => 127 : image;
    const container = new StandInContainer(name, spec, program, this.writeBytes);
    this.containers.set(container.id, container);
    answer(response, 201, { Id: container.id, Warnings: this.warnings });
  }

  private start(container: StandInContainer, response: ServerResponse): void {
    if (container.status !== 'created') return answer(response, 304);
    if (this.images.get(container.spec.Image) === 'no-command') {
      container.status = 'exited';
      container.exitCode = 127;
      for (const socket of container.attached) socket.end();
      const message = 'failed to create task: exec: "backup --password canary": executable file not found in $PATH';
      return answer(response, 400, { message });
    }
    container.start();
    answer(response, 204);
  }

  private async remove(
    container: StandInContainer,
    query: Record<string, string>,
    response: ServerResponse,
  ): Promise<void> {
    if (container.status === 'running') {
      if (query['force'] !== 'true') return answer(response, 409, { message: 'cannot remove a running container' });
      container.signal('SIGKILL');
      await container.exited;
    }
    this.containers.delete(container.id);
    for (const socket of container.attached) socket.end();
    container.markRemoved();
    answer(response, 204);
  }
}

/** A response of which nothing is sent: its connection ends where the answer would have begun. */
function silent(incoming: IncomingMessage): object {
  const drop = () => incoming.socket.destroy();
  const response = { writeHead: () => response, write: () => true, flushHeaders: () => undefined, end: drop };
  return response;
}

/** For a program that goes on until it is killed. */
export const ends = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
