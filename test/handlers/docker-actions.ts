import type { IncomingMessage, ServerResponse } from 'node:http';
import type { StandInContainer } from './docker-container.js';

/** A second of grace, in milliseconds of a test. */
const GRACE_SECOND_MS = 20;

export const inspected = ({ id, name, status, exitCode, oomKilled }: StandInContainer) => ({
  Id: id,
  Name: `/${name}`,
  Image: `sha256:${'1'.repeat(64)}`,
  State: { Status: status, Running: status === 'running', ExitCode: exitCode, OOMKilled: oomKilled },
});

/** Takes the connection over, without a length or chunks: the body lasts as long as the connection. */
export function attach(container: StandInContainer, response: ServerResponse, incoming: IncomingMessage): void {
  const { socket } = incoming;
  response.detachSocket(socket);
  socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\n\r\n');
  socket.on('error', () => undefined).once('close', () => container.attached.delete(socket));
  container.attached.add(socket);
}

/** Answers 200 at once, and the body when the time has come. `not-running` is true of a container not yet started. */
export async function wait(
  container: StandInContainer,
  { condition = 'not-running' }: Record<string, string>,
  response: ServerResponse,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  if (condition === 'removed') await container.removed;
  else if (condition === 'next-exit' || container.status === 'running') await container.exited;
  response.end(JSON.stringify({ StatusCode: container.exitCode }));
}

export async function stop(
  container: StandInContainer,
  query: Record<string, string>,
  response: ServerResponse,
): Promise<void> {
  if (container.status !== 'running') return answer(response, 304);
  container.signal('SIGTERM');
  // The timer is the subject: the engine itself waits for the grace before it kills.
  const kill = setTimeout(() => container.signal('SIGKILL'), Number(query['t'] ?? 10) * GRACE_SECOND_MS);
  await container.exited;
  clearTimeout(kill);
  answer(response, 204);
}

export function answer(response: ServerResponse, status: number, body?: unknown): void {
  if (body === undefined) return void response.writeHead(status).end();
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
