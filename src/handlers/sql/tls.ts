const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;
/** What may stand in `sslmode`. All but the first and the last mean the same: `pg` always verifies the certificate. */
const MODES = ['disable', 'require', 'verify-ca', 'verify-full', 'no-verify'];

/** What is wrong with the TLS that a URL asks for, as part of a sentence. */
export function tlsProblem(url: URL): string | undefined {
  const mode = url.searchParams.get('sslmode');
  if (mode === null || MODES.includes(mode)) return undefined;
  return `sslmode must be one of ${MODES.join(', ')} (the others fall back to no TLS in silence)`;
}

/**
 * The URL with its TLS spelt out: a server elsewhere is spoken to over TLS with a verified certificate, unless
 * `sslmode` says otherwise. `pg` alone would speak plainly when nothing is said.
 */
export function withTls(text: string): string {
  const url = new URL(text);
  const mode = url.searchParams.get('sslmode');
  if (mode === 'require' || mode === 'verify-ca' || (mode === null && !isLocal(url))) {
    url.searchParams.set('sslmode', 'verify-full');
  }
  return url.href;
}

/** Loopback or a Unix socket, which nobody else can listen to. */
function isLocal(url: URL): boolean {
  const host = url.searchParams.get('host') ?? decodeURIComponent(url.hostname);
  return host === '' || host.startsWith('/') || LOOPBACK.test(host);
}
