import { createTransport } from 'nodemailer';
import { SECOND } from '../shared/duration.js';
import type { SmtpServer } from './smtp-url.js';

const CONNECT_TIMEOUT_MS = 15 * SECOND;
const GREETING_TIMEOUT_MS = 15 * SECOND;
/** The longest silence in the middle of a conversation. */
const SILENCE_TIMEOUT_MS = 45 * SECOND;
/** How long a server that was left may take to hang up too. */
const CLOSE_TIMEOUT_MS = SECOND;
const MAX_CONNECTIONS = 3;

/** A pool of connections to one mail server. Nothing in a mail may name a file or a URL to be read here. */
export function connectionsTo({ host, port, secure, requireTls, auth }: SmtpServer) {
  return createTransport({
    pool: true,
    host,
    port,
    secure,
    requireTLS: requireTls && !secure,
    // Opportunistic TLS (RFC 7435) keeps out listeners only, so a certificate of the local relay's own will do.
    tls: { rejectUnauthorized: requireTls || secure },
    ...(auth && { auth: { ...auth } }),
    maxConnections: MAX_CONNECTIONS,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: GREETING_TIMEOUT_MS,
    dnsTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
    socketCloseTimeout: CLOSE_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

export type MailConnections = ReturnType<typeof connectionsTo>;
