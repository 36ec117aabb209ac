import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createNetServer, type Server as NetServer, type Socket } from 'node:net';
import type { LogLevel, RunContext } from '../../src/handlers/handler.js';
import { parseAllowList } from '../../src/handlers/http/allow-list.js';
import type { HttpPayload } from '../../src/handlers/http/definition.js';
import { createHttpHandler, type HttpHandler, type HttpHandlerOptions } from '../../src/handlers/http/handler.js';
import type { HttpResult } from '../../src/handlers/http/answer.js';
import type { Lookup } from '../../src/handlers/http/connector.js';

export interface Line {
  level: LogLevel;
  message: string;
  fields: Record<string, unknown> | undefined;
}

/** A run's context that keeps what is logged. */
export function runContext(signal: AbortSignal = new AbortController().signal): RunContext & { lines: Line[] } {
  const lines: Line[] = [];
  return {
    lines,
    projectId: 'project-1',
    jobId: 'job-1',
    runId: 'run-1',
    attempt: 2,
    scheduledFor: new Date('2026-03-03T06:00:00Z'),
    signal,
    log: (level, message, fields) => void lines.push({ level, message, fields }),
    progress: () => undefined,
    previousResult: async () => undefined,
    upstream: async () => [],
  };
}

/** A request that a sink received, whole. */
export interface Received {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface Sink {
  port: number;
  url: string;
  received: Received[];
  /** Connections accepted, whether a request came or not. */
  connections: number;
  close(): Promise<void>;
}

type Answer = (request: Received, response: ServerResponse) => void;

/** A real HTTP server on loopback that keeps what it receives. */
export async function startSink(
  answer: Answer = (_request, response) => response.end('ok'),
  host = '127.0.0.1',
): Promise<Sink> {
  const received: Received[] = [];
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const whole = { method, url, headers, body: Buffer.concat(chunks).toString() };
      received.push(whole);
      answer(whole, response);
    });
  };
  const server = createServer(listener);
  const sink = { received, connections: 0 };
  server.on('connection', () => (sink.connections += 1));
  const port = await listen(server, host);
  const name = host.includes(':') ? `[${host}]` : host;
  return Object.assign(sink, { port, url: `http://${name}:${port}`, close: () => stop(server) });
}

async function listen(server: NetServer, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** Everything a test opens, closed after it in reverse order. */
export function openThings() {
  const open: { close(): Promise<void> }[] = [];
  const keep = <T extends { close(): Promise<void> }>(thing: T): T => {
    open.push(thing);
    return thing;
  };
  return {
    keep,
    async sink(answer?: Answer, host?: string): Promise<Sink> {
      return keep(await startSink(answer, host));
    },
    /** A server on loopback that does with each connection what a test says. */
    async rawServer(serve: (socket: Socket) => void): Promise<{ url: string; sockets: Socket[] }> {
      const sockets: Socket[] = [];
      const server = createNetServer((socket) => {
        sockets.push(socket.on('error', () => undefined));
        serve(socket);
      });
      const url = `http://127.0.0.1:${await listen(server, '127.0.0.1')}/`;
      return keep({
        url,
        sockets,
        async close() {
          for (const socket of sockets) socket.destroy();
          await new Promise((resolve) => server.close(resolve));
        },
      });
    },
    handler(allow = '127.0.0.1', lookup?: Lookup, more: Partial<HttpHandlerOptions> = {}): HttpHandler {
      const options = { allowList: parseAllowList(allow), userAgent: 'Carillon/0.1.0', ...more };
      return keep(createHttpHandler({ ...options, ...(lookup && { lookup }) }));
    },
    async closeAll(): Promise<void> {
      for (const thing of open.splice(0).toReversed()) await thing.close();
    },
  };
}

/** Runs an attempt with a payload that the definition accepts. */
export async function run(
  handler: HttpHandler,
  payload: HttpPayload,
  context: RunContext = runContext(),
): Promise<HttpResult> {
  return (await handler.run(context, handler.definition.payloadSchema.parse(payload))) as HttpResult;
}

/** What a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  const nothing = Symbol('no failure');
  const failure = await promise.then(
    () => nothing,
    (error: unknown) => error,
  );
  if (failure === nothing) throw new Error('Expected a failure, but the attempt succeeded.');
  return failure;
}
