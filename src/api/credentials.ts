import type { Request } from 'express';
import type { Authenticator } from '../security/authenticator.js';
import type { Admission } from '../security/principals.js';
import { sessionCookie } from './cookies.js';
import { isOfOwnOrigin } from './same-origin.js';

/** What a request brings to be let in by. */
export interface Credential {
  /** The same for the same credential, and for no other. */
  readonly text: string;
  /** Who it is of. */
  admit(): Promise<Admission>;
  /** Whether it is a change that another site may have made a browser send, which adds its cookies by itself. */
  readonly isForeign: boolean;
}

/** Finds the credential of a request. Where there is an `Authorization` header, it alone counts. */
export function credentialReader(authenticator: Authenticator): (req: Request) => Credential | undefined {
  const { browsers } = authenticator;
  const cookie = browsers && sessionCookie(browsers.origin);
  return (req) => {
    const { authorization } = req.headers;
    if (authorization !== undefined) {
      return {
        text: `authorization ${authorization}`,
        admit: () => authenticator.authenticate(authorization),
        isForeign: false,
      };
    }
    const sessionId = cookie?.read(req);
    if (!browsers || sessionId === undefined) return undefined;
    const mayChange = req.method !== 'GET' && req.method !== 'HEAD';
    return {
      text: `session ${sessionId}`,
      admit: () => browsers.sessions.admit(sessionId),
      isForeign: mayChange && !isOfOwnOrigin(req, browsers.origin),
    };
  };
}
