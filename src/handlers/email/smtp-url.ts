/** Where mail is handed over, as SMTP_URL says. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (`smtps://`). */
  readonly secure: boolean;
  /** Whether nothing is sent without TLS, with a certificate that is verified. */
  readonly requireTls: boolean;
  readonly auth: { readonly user: string; readonly pass: string } | undefined;
}

const PORTS = { 'smtp:': 587, 'smtps:': 465 } as const;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/;

/**
 * Reads SMTP_URL: `smtps://user:password@host:465` or `smtp://user:password@host:587`. With `smtp://`, STARTTLS is
 * required, except to loopback or with `?requireTLS=false`: there it is used when offered, whatever the certificate.
 *
 * @throws Error with a sentence that names SMTP_URL and repeats nothing of it, as it holds a password
 */
export function parseSmtpUrl(text: string): SmtpServer {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'smtp:' && url.protocol !== 'smtps:') || url.hostname === '') {
    throw new Error(
      'SMTP_URL must be a URL such as smtps://user:password@mail.example.com:465 or smtp://localhost:25.',
    );
  }
  if (!['', '/'].includes(url.pathname) || url.hash !== '') throw new Error('SMTP_URL must have no path and no #.');
  const host = decoded(url.hostname).replace(/^\[|\]$/g, '');
  const secure = url.protocol === 'smtps:';
  return {
    host,
    port: url.port === '' ? PORTS[url.protocol] : Number(url.port),
    secure,
    requireTls: requireTlsOf(url.searchParams) ?? (secure || !LOOPBACK.test(host)),
    auth: url.username === '' ? undefined : { user: decoded(url.username), pass: decoded(url.password) },
  };
}

function requireTlsOf(parameters: URLSearchParams): boolean | undefined {
  for (const name of parameters.keys()) {
    // Nodemailer would take any option from here, such as one that logs the conversation.
    if (name !== 'requireTLS') throw new Error('SMTP_URL takes one parameter only: requireTLS.');
  }
  const value = parameters.get('requireTLS');
  if (value !== null && value !== 'true' && value !== 'false') {
    throw new Error('The parameter requireTLS of SMTP_URL must be true or false.');
  }
  return value === null ? undefined : value === 'true';
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error('SMTP_URL has a % that begins no escape: write a percent sign of a name or password as %25.');
  }
}
