import type { Request, Response } from 'express';

/** A cookie that no script can read and no other site or host can set. */
export interface Cookie {
  /** Its value, when the request brought exactly one: another site of the same domain could have added more. */
  read(req: Request): string | undefined;
  set(res: Response, value: string, maxAgeMs: number): void;
  clear(res: Response): void;
}

/**
 * `origin` is our own. Over https the name begins with `__Host-`, which binds the cookie to this host (RFC 6265bis,
 * section 4.1.3); http is for one's own machine only.
 */
export function createCookie(
  name: string,
  { origin, sameSite }: { origin: string; sameSite: 'Strict' | 'Lax' },
): Cookie {
  const isSecure = origin.startsWith('https:');
  const fullName = isSecure ? `__Host-${name}` : name;
  const write = (res: Response, value: string, maxAgeSeconds: number) => {
    const secure = isSecure ? '; Secure' : '';
    const attributes = `Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=${sameSite}${secure}`;
    res.appendHeader('Set-Cookie', `${fullName}=${value}; ${attributes}`);
  };
  return {
    read(req) {
      const [value, another] = (req.headers.cookie ?? '').split(';').flatMap((pair) => {
        const [key = '', ...rest] = pair.split('=');
        return key.trim() === fullName ? [rest.join('=').trim()] : [];
      });
      return another === undefined ? value : undefined;
    },
    set: (res, value, maxAgeMs) => write(res, value, Math.floor(maxAgeMs / 1_000)),
    clear: (res) => write(res, '', 0),
  };
}

/** The session of a browser. */
export const sessionCookie = (origin: string): Cookie =>
  createCookie('carillon-session', { origin, sameSite: 'Strict' });

/** A sign-in under way: Lax, as the browser must send it when the provider sends it back to us. */
export const signInCookie = (origin: string): Cookie => createCookie('carillon-sign-in', { origin, sameSite: 'Lax' });
