import type { AddressInfo, Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server';
import { createEmailHandler, type EmailHandler, type EmailResult } from '../../src/handlers/email/handler.js';
import type { EmailPayload } from '../../src/handlers/email/definition.js';
import type { RunContext } from '../../src/handlers/handler.js';
import { runContext } from './support.js';

/** A mail that the server took. */
export interface Received {
  from: string;
  to: string[];
  /** Whether it came over TLS. */
  secure: boolean;
  /** By lower-case name, unfolded. */
  headers: Map<string, string>;
  body: string;
}

export interface MailServer {
  host: string;
  received: Received[];
  connections: number;
  close(): Promise<void>;
}

/** An answer other than success, as smtp-server takes it. */
export const refusal = (responseCode: number, words = 'no'): Error => Object.assign(new Error(words), { responseCode });

/** A real SMTP server on loopback that keeps what it is sent. Without `options` it takes everything from everybody. */
export async function startMailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const kept: Pick<MailServer, 'received' | 'connections'> = { received: [], connections: 0 };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 100,
    logger: false,
    onConnect(_session, done) {
      kept.connections += 1;
      done();
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        kept.received.push(receivedOf(Buffer.concat(chunks).toString(), session));
        done();
      });
    },
    ...options,
  });
  // A client that leaves in the middle is no failure of the server's.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  return Object.assign(kept, { host, close: () => new Promise<void>((resolve) => server.close(() => resolve())) });
}

function receivedOf(raw: string, session: SMTPServerSession): Received {
  const end = raw.indexOf('\r\n\r\n');
  const lines = raw
    .slice(0, end)
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const { mailFrom, rcptTo } = session.envelope;
  return {
    from: mailFrom ? mailFrom.address : '',
    to: rcptTo.map((recipient) => recipient.address),
    secure: session.secure,
    headers: new Map(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.replace(/^[^:]*: ?/, '')]),
    ),
    body: raw.slice(end + 4),
  };
}

export const FROM = 'Carillon <jobs@sender.example>';

export const mail = (more: Partial<EmailPayload> = {}): EmailPayload => ({
  to: 'ada@example.com',
  subject: 'Hello',
  text: 'Hi.',
  ...more,
});

/** Runs an attempt with a payload that the definition accepts. */
export async function send(
  handler: EmailHandler,
  payload: EmailPayload = mail(),
  context: RunContext = runContext(),
): Promise<EmailResult> {
  return (await handler.run(context, handler.definition.payloadSchema.parse(payload))) as EmailResult;
}

export const emailTo = (server: { host: string }, query = ''): EmailHandler =>
  createEmailHandler({ smtpUrl: `smtp://${server.host}${query}`, from: FROM });

/** Ends what a test leaves open on a plain TCP server. */
export function trackSockets(server: { on(event: 'connection', listener: (socket: Socket) => void): unknown }) {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  return { sockets, destroyAll: () => sockets.forEach((socket) => socket.destroy()) };
}
