import { connect } from 'node:net';

/** What an HTTP server says to these bytes, sent as they are, until it closes the connection or has said `enough`. */
export async function rawHttp(url: string, request: string | Buffer, enough?: RegExp): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let heard = '';
  socket.on('data', (chunk: Buffer) => {
    heard += chunk.toString();
    if (enough?.test(heard)) socket.destroy();
  });
  // A server that refuses what is still being sent may reset the connection after its answer.
  socket.on('error', () => undefined);
  socket.write(request);
  await new Promise((resolve) => socket.once('close', resolve));
  return heard;
}
