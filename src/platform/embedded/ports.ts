import { createServer } from 'node:net';

/** A port that something of ours will listen on, and how a user changes it. */
export interface WantedPort {
  port: number;
  host: string;
  /** The environment variable that sets the port. */
  variable: string;
}

/** What a user must change so that all of these can be listened on: one sentence each, none when all is well. */
export async function portProblems(wanted: WantedPort[]): Promise<string[]> {
  const found = await Promise.all(
    wanted.map(async (one, index) => sharedWith(one, wanted.slice(0, index)) ?? problemOf(one)),
  );
  return found.filter((problem) => problem !== undefined);
}

function sharedWith({ port, variable }: WantedPort, others: WantedPort[]): string | undefined {
  const other = others.find((one) => one.port === port);
  return other && `${other.variable} and ${variable} are both ${port}: set one of them to another port.`;
}

async function problemOf({ port, host, variable }: WantedPort): Promise<string | undefined> {
  try {
    await listenOnce(port, host);
    return undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    switch (code) {
      case 'EADDRINUSE':
        return `Port ${port} is taken: set ${variable} to another.`;
      case 'EACCES':
        return `Port ${port} may not be used by this user: set ${variable} to another, above 1023.`;
      case 'EADDRNOTAVAIL':
      case 'ENOTFOUND':
        return `${host} is not an address of this machine: set HOST to another.`;
      default:
        return `Port ${port} can't be used (${message}): set ${variable} to another.`;
    }
  }
}

/** `wish` when it is free on loopback, else any free port. */
export async function freePort(wish = 0): Promise<number> {
  try {
    return await listenOnce(wish, '127.0.0.1');
  } catch {
    return listenOnce(0, '127.0.0.1');
  }
}

/** Listens for a moment; the port that was listened on. */
function listenOnce(port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : port));
    });
  });
}
