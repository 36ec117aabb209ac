import type { RequestHandler, Response } from 'express';
import { openApiDocument } from '../contract/openapi.js';
import { AppError } from '../domain/errors.js';
import { timeZoneDataVersion } from '../schedule/index.js';
import { docsPage, docsPolicy } from './docs-page.js';
import type { ApiPorts } from './ports.js';
import { sendJson, sendProblem, sendText } from './send.js';

type Page = (res: Response, ports: ApiPorts) => Promise<void> | void;

/** All that can be seen without a credential, by exact path; sign-in-pages.ts has the paths of the sign-in. */
const pages: ReadonlyMap<string, Page> = new Map<string, Page>([
  ['/healthz', (res) => sendJson(res, 200, { status: 'ok' })],
  ['/readyz', sendReadiness],
  ['/metrics', sendMetrics],
  ['/openapi.json', (res, { version }) => sendJson(res, 200, documentOf(version))],
  ['/docs', sendDocs],
]);

let document: ReturnType<typeof openApiDocument> | undefined;
const documentOf = (version: string) => (document ??= openApiDocument(version));

let docs: string | undefined;

function sendDocs(res: Response, { version }: ApiPorts): void {
  res.setHeader('Content-Security-Policy', docsPolicy);
  sendText(res, 200, (docs ??= docsPage(documentOf(version))), 'text/html; charset=utf-8');
}

/** Answers the public pages, and leaves everything else to what follows: which lets nobody past without a key. */
export function publicPages(ports: ApiPorts): RequestHandler {
  return async (req, res, next) => {
    const path = req.url.split('?', 1)[0] ?? '';
    const page = pages.get(path);
    if (!page) return next();
    res.locals.context.route = path;
    if (req.method === 'GET' || req.method === 'HEAD') return page(res, ports);
    res.setHeader('Allow', 'GET, HEAD');
    return sendProblem(res, new AppError('method_not_allowed', `${path} can only be read.`));
  };
}

async function sendReadiness(res: Response, { readiness }: ApiPorts): Promise<void> {
  const { ready, parts } = await readiness.report();
  sendJson(res, ready ? 200 : 503, {
    status: ready ? 'ready' : 'not ready',
    timeZoneData: timeZoneDataVersion,
    ...parts,
  });
}

async function sendMetrics(res: Response, { metrics }: ApiPorts): Promise<void> {
  const text = await metrics.registry.metrics();
  res.setHeader('Content-Type', metrics.registry.contentType);
  res.setHeader('Content-Length', Buffer.byteLength(text));
  res.end(text);
}
