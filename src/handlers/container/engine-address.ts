export const DEFAULT_DOCKER_HOST = 'unix:///var/run/docker.sock';

/** How the engine is reached, as dockerode takes it. */
export interface EngineAddress {
  readonly socketPath?: string;
  readonly host?: string;
  readonly port?: number;
}

/**
 * Reads `unix:///path/to/docker.sock` or `tcp://host:port`.
 *
 * @throws Error with a sentence; the text itself is not repeated
 */
export function parseDockerHost(text: string): EngineAddress {
  const socketPath = /^unix:\/\/(\/[^\0]+)$/.exec(text)?.[1];
  if (socketPath !== undefined) return { socketPath };
  const [, host, digits] = /^tcp:\/\/([A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\]):(\d{1,5})\/?$/.exec(text) ?? [];
  const port = Number(digits);
  if (host !== undefined && port >= 1 && port <= 65_535) return { host: host.replaceAll(/[[\]]/g, ''), port };
  throw new Error(
    'The Docker host must be unix:///path/to/docker.sock or tcp://host:port, such as tcp://127.0.0.1:2375.',
  );
}
