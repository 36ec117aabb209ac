import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** An HTTP server that is listening. */
export interface RunningHttpServer {
  /** Where it listens; with the port that was really taken. */
  readonly url: string;
  /** Takes another certificate for the connections to come; those that there are go on. */
  secureWith(tls: TlsFiles): void;
  /** Takes no new connection, lets requests under way end within the grace, then cuts them. */
  stop(graceMs: number): Promise<void>;
}

const SECOND = 1_000;
/** A client that sends its headers or body more slowly than this is cut off. */
const PATIENCE: Patience = { headersMs: 10 * SECOND, requestMs: 30 * SECOND, lookEveryMs: 5 * SECOND };
/** Of all header lines together; more is 431. */
const MAX_HEADER_BYTES = 16 * 1024;
/** More is refused. */
export const MAX_HEADERS = 100;
/** Longer than the idle time of common load balancers (60 s), so that they never write into a closing connection. */
const KEEP_ALIVE_MS = 65 * SECOND;
const MAX_CONNECTIONS = 10_000;
const LOOK_AGAIN_MS = 20;

/** How long a client may take, and how often it is looked whether it does. */
export interface Patience {
  readonly headersMs: number;
  readonly requestMs: number;
  readonly lookEveryMs: number;
}

/** A certificate, with those that it was signed by, and its key: PEM. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** Where a server listens, and how. */
export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** Names the port in an error. */
  readonly portVariable: string;
  /** HTTPS by these; HTTP when left out. */
  readonly tls?: TlsFiles | undefined;
  readonly patience?: Patience;
}

/** Listens with the limits that slow and many clients make necessary. */
export async function listen(listener: RequestListener, at: ListenOptions): Promise<RunningHttpServer> {
  const { headersMs, requestMs, lookEveryMs } = at.patience ?? PATIENCE;
  const options = {
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: lookEveryMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
  };
  const tlsServer = at.tls && createTlsServer({ ...options, ...secured(at.tls) }, listener);
  const server = tlsServer ?? createServer(options, listener);
  server.maxConnections = MAX_CONNECTIONS;
  // Node drops headers beyond its number without a word. With one more it can be seen that there are too many.
  server.maxHeadersCount = MAX_HEADERS + 1;
  // The listener tells the client to go on, or refuses it; without this Node tells it at once.
  server.on('checkContinue', listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explained(error, at)));
    server.listen(at.port, at.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = at.host.includes(':') ? `[${at.host}]` : at.host;

  return {
    url: `${tlsServer ? 'https' : 'http'}://${host}:${port}`,
    secureWith: (tls) => tlsServer?.setSecureContext(secured(tls)),
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

/** @throws when key and certificate are broken, or not of each other */
export function secured({ cert, key }: TlsFiles) {
  return { cert, key, minVersion: 'TLSv1.2', honorCipherOrder: true } as const;
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
