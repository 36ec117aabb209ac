import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP server that is listening. */
export interface RunningHttpServer {
  /** Where it listens; with the port that was really taken. */
  readonly url: string;
  /** Takes no new connection, lets requests under way end within the grace, then cuts them. */
  stop(graceMs: number): Promise<void>;
}

const SECOND = 1_000;
/** A client that sends its headers or body more slowly than this is cut off. */
const HEADERS_WITHIN_MS = 10 * SECOND;
const REQUEST_WITHIN_MS = 30 * SECOND;
/** Longer than the idle time of common load balancers (60 s), so that they never write into a closing connection. */
const KEEP_ALIVE_MS = 65 * SECOND;
const MAX_CONNECTIONS = 10_000;
const LOOK_AGAIN_MS = 20;

/** Listens with the limits that slow and many clients make necessary. `portVariable` names the port in an error. */
export async function listen(
  listener: RequestListener,
  at: { host: string; port: number; portVariable: string },
): Promise<RunningHttpServer> {
  const server = createServer(
    { headersTimeout: HEADERS_WITHIN_MS, requestTimeout: REQUEST_WITHIN_MS, keepAliveTimeout: KEEP_ALIVE_MS },
    listener,
  );
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explained(error, at)));
    server.listen(at.port, at.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = at.host.includes(':') ? `[${at.host}]` : at.host;

  return {
    url: `http://${host}:${port}`,
    async stop(graceMs) {
      // A connection kept alive is closed as soon as its request is answered, not when its client likes.
      const closeIdle = setInterval(() => server.closeIdleConnections(), LOOK_AGAIN_MS);
      const cut = setTimeout(() => server.closeAllConnections(), graceMs);
      await new Promise<void>((resolve) => server.close(() => resolve()));
      clearInterval(closeIdle);
      clearTimeout(cut);
    },
  };
}

function explained(error: NodeJS.ErrnoException, at: { host: string; port: number; portVariable: string }): Error {
  if (error.code === 'EADDRINUSE') {
    return new Error(`Port ${at.port} is taken: set ${at.portVariable} to another.`, { cause: error });
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return new Error(`HOST ${at.host} is no address of this machine.`, { cause: error });
  }
  if (error.code === 'EACCES') {
    return new Error(`Port ${at.port} needs rights this process does not have: set ${at.portVariable} to another.`, {
      cause: error,
    });
  }
  return error;
}
