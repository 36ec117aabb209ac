import type { Response } from 'express';
import { escapeHtml } from './html.js';

/**
 * A page that goes on to a path by itself. After the provider's redirect the browser keeps the Strict session cookie back:
 * the whole chain was begun by another site. What this page asks for is begun by ours.
 */
export function sendGoOn(res: Response, path: string): void {
  const target = escapeHtml(path);
  const refresh = `<meta http-equiv="refresh" content="0;url=${target}">`;
  send(res, 200, `${refresh}<title>Signed in</title><p>Signed in. <a href="${target}">Go on</a></p>`);
}

export function sendNotSignedIn(res: Response): void {
  send(
    res,
    400,
    '<title>Not signed in</title><p>The sign-in did not succeed. <a href="/auth/sign-in">Sign in again</a></p>',
  );
}

function send(res: Response, status: number, content: string): void {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8">${content}</html>`;
  res.statusCode = status;
  res.setHeader('Content-Type', 'text/html; charset=utf-8');
  res.setHeader('Content-Length', Buffer.byteLength(html));
  res.setHeader(
    'Content-Security-Policy',
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
  res.end(html);
}
