import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import { AppError } from '../domain/errors.js';
import { CALLBACK_PATH, type Browsers } from '../security/authenticator.js';
import { SESSION_MS } from '../security/sessions.js';
import { callerOfAddress } from './client-address.js';
import { sessionEntry, type SessionAction } from './audit-entries.js';
import { sessionCookie, signInCookie, type Cookie } from './cookies.js';
import type { NoteRefusal } from './middleware/audit-refusals.js';
import { admit, FAILED } from './middleware/rate-limit.js';
import type { ApiPorts } from './ports.js';
import { returnPath } from './return-path.js';
import { foreignOrigin, isOfOwnOrigin } from './same-origin.js';
import { sendJson, sendProblem } from './send.js';
import { sendGoOn, sendNotSignedIn } from './sign-in-html.js';
import { queryOf, refusal } from './validation.js';

/** What the pages of the sign-in work with. */
interface Desk extends Browsers {
  readonly session: Cookie;
  readonly pending: Cookie;
  readonly ports: ApiPorts;
  readonly noteRefusal: NoteRefusal;
}

interface Page {
  readonly method: 'GET' | 'POST';
  readonly serve: (req: Request, res: Response, desk: Desk) => Promise<void>;
}

/** How browsers sign in and out: public by exact path, as who calls them is not known yet. */
const pages: ReadonlyMap<string, Page> = new Map<string, Page>([
  ['/auth/sign-in', { method: 'GET', serve: beginSignIn }],
  [CALLBACK_PATH, { method: 'GET', serve: finishSignIn }],
  ['/auth/sign-out', { method: 'POST', serve: signOut }],
  ['/auth/session', { method: 'GET', serve: describeSession }],
]);

/** A sign-in has to be finished within this time. */
const SIGN_IN_WITHIN_MS = 10 * 60_000;

/** Answers these pages, and leaves everything else to what follows. */
export function signInPages(ports: ApiPorts, noteRefusal: NoteRefusal): RequestHandler {
  const { browsers } = ports.authenticator;
  const desk = browsers && {
    ...browsers,
    session: sessionCookie(browsers.origin),
    pending: signInCookie(browsers.origin),
    ports,
    noteRefusal,
  };
  return async (req, res, next) => {
    const path = req.url.split('?', 1)[0] ?? '';
    const page = pages.get(path);
    if (!page) return next();
    res.locals.context.route = path;
    res.setHeader('Cache-Control', 'no-store');
    if (req.method !== page.method) {
      res.setHeader('Allow', page.method);
      return sendProblem(res, new AppError('method_not_allowed', `${path} takes ${page.method} only.`));
    }
    if (desk) return page.serve(req, res, desk);
    // The console asks whether there is a sign-in before it offers one.
    if (page.serve === describeSession) return sendJson(res, 200, { signIn: false, signedIn: false });
    return sendProblem(res, new AppError('not_found', 'No sign-in is set up here.'));
  };
}

/** What the browser keeps while its user is at the provider. */
const Kept = z.strictObject({ state: z.string(), nonce: z.string(), codeVerifier: z.string(), returnTo: z.string() });
type Kept = z.output<typeof Kept>;

async function beginSignIn(req: Request, res: Response, { signIn, pending, origin }: Desk): Promise<void> {
  const { returnTo: given = '/' } = queryOf(req.url);
  const returnTo = returnPath(given, origin);
  if (returnTo === undefined) throw refusal([{ parameter: 'returnTo', message: 'must be a path of this server' }]);
  const begun = await signIn.begin().catch((cause: unknown) => {
    throw new AppError('unavailable', 'The OIDC provider cannot be reached just now; try again.', { cause });
  });
  const kept: Kept = { ...begun.pending, returnTo };
  pending.set(res, Buffer.from(JSON.stringify(kept)).toString('base64url'), SIGN_IN_WITHIN_MS);
  res.statusCode = 303;
  res.setHeader('Location', begun.url);
  res.end();
}

async function finishSignIn(req: Request, res: Response, desk: Desk): Promise<void> {
  const { signIn, sessions, session, pending, origin, ports, noteRefusal } = desk;
  const kept = keptOf(pending.read(req), origin);
  pending.clear(res);
  if (!kept) return sendNotSignedIn(res);
  const caller = callerOfAddress(res.locals.context.address);
  const failures = ports.rateLimits.failedAuthentication;
  const state = failures.look(caller);
  // Each answer, also a made-up one, is a question to the provider.
  if (!state.isAllowed) admit(res, state, FAILED);
  const query = req.url.slice(CALLBACK_PATH.length);
  const somebody = await signIn.finish(query, kept).catch((error: unknown) => {
    ports.logger.warn({ err: error, requestId: res.locals.context.requestId }, 'a sign-in did not succeed');
  });
  if (!somebody) {
    await failures.take(caller);
    noteRefusal(req, res, 'unauthenticated', { action: 'signIn', target: null });
    return sendNotSignedIn(res);
  }
  session.set(res, await sessions.begin(somebody, entryOf('signIn', res, ports)), SESSION_MS);
  return sendGoOn(res, kept.returnTo);
}

/** What was kept, as it comes back: anybody could have written it, so that its path is looked at once more. */
function keptOf(cookie: string | undefined, origin: string): Kept | undefined {
  if (cookie === undefined) return undefined;
  try {
    const kept = Kept.parse(JSON.parse(Buffer.from(cookie, 'base64url').toString()));
    const returnTo = returnPath(kept.returnTo, origin);
    return returnTo === undefined ? undefined : { ...kept, returnTo };
  } catch {
    return undefined;
  }
}

function entryOf(action: SessionAction, res: Response, { commands }: ApiPorts) {
  return sessionEntry(action, res.locals.context, commands.clock.now());
}

async function signOut(req: Request, res: Response, desk: Desk): Promise<void> {
  const { signIn, sessions, session, origin, ports, noteRefusal } = desk;
  if (!isOfOwnOrigin(req, origin)) {
    noteRefusal(req, res, 'forbidden', { action: 'signOut', target: null });
    throw foreignOrigin();
  }
  const sessionId = session.read(req);
  if (sessionId !== undefined) await sessions.end(sessionId, entryOf('signOut', res, ports));
  session.clear(res);
  // We know the browser no more, whether or not the provider can say how it forgets it, too.
  const endSessionUrl = await signIn.endSessionUrl().catch(() => undefined);
  return sendJson(res, 200, { signedIn: false, ...(endSessionUrl !== undefined && { endSessionUrl }) });
}

async function describeSession(req: Request, res: Response, { sessions, session }: Desk): Promise<void> {
  const sessionId = session.read(req);
  const admission = sessionId === undefined ? undefined : await sessions.admit(sessionId);
  if (!admission || 'refusal' in admission) return sendJson(res, 200, { signIn: true, signedIn: false });
  return sendJson(res, 200, { signIn: true, signedIn: true, userId: admission.identity.id });
}
