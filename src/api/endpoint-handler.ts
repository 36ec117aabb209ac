import type { Request, RequestHandler, Response } from 'express';
import type { Caller } from '../commands/index.js';
import type { Endpoint } from '../contract/endpoint.js';
import type { EndpointName } from '../contract/endpoints.js';
import { AppError } from '../domain/errors.js';
import { isPermitted, needsProject } from '../domain/permissions.js';
import type { Identity, Principal } from '../security/principals.js';
import type { KeptAnswer } from '../store/idempotent-calls.js';
import type { Answer, Call, Route } from './calls.js';
import { etagOf, namesTag, readIfMatch } from './etags.js';
import { changesSomething, draftEntry } from './audit-entries.js';
import { answerOnce, idempotentCallOf } from './idempotency.js';
import { readJsonBody, readTextBody } from './request-body.js';
import type { ApiPorts, AppPorts } from './ports.js';
import { chooseProject } from './project-choice.js';
import { problemOf, sendStream, sendText } from './send.js';
import { parseBody, parseParameters, queryOf } from './validation.js';

/** One endpoint of the table at work: permission, then what was sent, then the route, then its answer. */
export function endpointHandler<Name extends EndpointName>(
  name: Name,
  endpoint: Endpoint,
  route: Route<Name>,
  ports: AppPorts,
): RequestHandler {
  return async (req, res) => {
    const { context } = res.locals;
    context.route = endpoint.path;
    context.endpoint = name;
    const { identity } = context;
    if (!identity) throw new AppError('unauthenticated', 'Give a valid API key or access token.');
    const principal = chooseProject(req, identity, needsProject(endpoint.permission));
    demandPermission(endpoint, identity, principal);
    if (!acceptsJson(req)) throw new AppError('not_acceptable', 'Accept application/json.');

    const params = endpoint.params && parseParameters(endpoint.params, req.params);
    const { jobId } = req.params;
    if (typeof jobId === 'string') context.jobId = jobId;
    // Where a call takes no parameters, its query is left alone: proxies and browsers like to add their own.
    const query = endpoint.query && parseParameters(endpoint.query, queryOf(req.url));
    const ifMatch = ifMatchOf(req, endpoint);
    const body = endpoint.body && (await bodyOf(req, res, endpoint));
    const by = { actor: identity.id, projectId: principal?.projectId };
    const entry = changesSomething(endpoint) ? draftEntry(name, params, context, by) : undefined;
    const caller = principal && callerOf(principal);
    const { traceId } = context;
    const own = portsFor(ports, endpoint, principal);
    // The table gives the types of the parts and the route's own, which TypeScript can't relate for a name not yet known.
    const answer = (using: ApiPorts) => {
      const audited = entry ? { ...using, commands: entry.auditing(using.commands) } : using;
      const parts = { params, query, body, ifMatch, traceId };
      return route({ ports: audited, identity, principal, caller, ...parts } as Call<Name>);
    };
    const once = endpoint.method === 'post' ? idempotentCallOf(req, by) : undefined;
    if (!once) return sendAnswer(req, res, endpoint, await answer(own));
    const outcome = await answerOnce(own, once, answer, (done) => kept(endpoint, done, traceId));
    if ('refusal' in outcome) throw outcome.refusal;
    if ('answer' in outcome) await sendAnswer(req, res, endpoint, outcome.answer);
    else sendReplay(res, outcome.replayed);
  };
}

/** What a call is about ends at the caller's project, and so does what its statements see; but for calls that need no project. */
function portsFor(ports: AppPorts, { permission }: Endpoint, principal: Principal | undefined): ApiPorts {
  if (!needsProject(permission)) return ports;
  if (!principal) throw new Error('unreachable: a call that needs a project was let in without one');
  const { commands } = ports;
  return { ...ports, commands: { ...commands, db: commands.db.forProject(principal.projectId) } };
}

function demandPermission({ permission }: Endpoint, identity: Identity, principal: Principal | undefined): void {
  if (isPermitted({ role: principal?.role, isInstanceAdmin: identity.isInstanceAdmin }, permission)) return;
  const who =
    permission === 'instance:manage'
      ? 'the caller is no instance admin'
      : `the caller's role is ${principal?.role ?? 'none'}`;
  throw new AppError('forbidden', `This call needs the permission ${permission}; ${who}.`);
}

function callerOf({ projectId, id: actor, role, isInstanceAdmin }: Principal): Caller {
  return { projectId, actor, role, isInstanceAdmin };
}

function acceptsJson(req: Request): boolean {
  const { accept } = req.headers;
  return accept === undefined || accept === '*/*' || accept === 'application/json' || req.accepts('json') !== false;
}

async function bodyOf(req: Request, res: Response, endpoint: Endpoint): Promise<unknown> {
  if (!endpoint.body) return undefined;
  const { bodyType, bodyOptional, bodyLimits } = endpoint;
  const given =
    bodyType === undefined ? await readJsonBody(req, res, bodyLimits) : await readTextBody(req, res, bodyType);
  if (given === undefined && !bodyOptional) {
    const what = bodyType === undefined ? 'a JSON object' : `a text of the type ${bodyType}`;
    throw new AppError('malformed_request', `This call needs a body: ${what}.`);
  }
  return parseBody(endpoint.body, given === undefined ? {} : given);
}

function ifMatchOf(req: Request, endpoint: Endpoint): readonly number[] | undefined {
  const header = req.headers['if-match'];
  if (header === undefined || endpoint.ifMatch) return readIfMatch(header);
  // Ignored, it would let the caller believe that nobody's change was overwritten.
  const message = 'is not taken by this call';
  throw new AppError('malformed_request', `If-Match ${message}.`, { problems: [{ parameter: 'If-Match', message }] });
}

async function sendAnswer(
  req: Request,
  res: Response,
  endpoint: Endpoint,
  answer: Answer<EndpointName>,
): Promise<void> {
  res.setHeader('Cache-Control', 'no-store');
  if (answer.stream) return sendStream(req, res, answer.stream);
  const body = JSON.stringify(answer.body);
  if (answer.location !== undefined) res.setHeader('Location', answer.location);
  if (answer.next !== undefined) res.setHeader('Link', `<${nextPage(req.originalUrl, answer.next)}>; rel="next"`);
  if (answer.generation !== undefined) {
    const etag = etagOf(answer.generation, body);
    res.setHeader('ETag', etag);
    if (namesTag(req.headers['if-none-match'], etag)) {
      res.statusCode = 304;
      res.end();
      return;
    }
  }
  sendText(res, endpoint.ok.status, body);
}

/** What is kept of an answer to a call with an `Idempotency-Key`: no secret. */
function kept(
  { ok }: Endpoint,
  done: { answer: Answer<EndpointName> } | { refusal: AppError },
  traceId: string,
): KeptAnswer {
  if ('refusal' in done) {
    const problem = problemOf(done.refusal, traceId);
    return { status: problem.status, location: null, body: JSON.stringify(problem), made: null };
  }
  const { body, location = null } = done.answer;
  if (ok.shownOnce === undefined) return { status: ok.status, location, body: JSON.stringify(body), made: null };
  return {
    status: ok.status,
    location: null,
    body: undefined,
    made: String((body as Record<string, unknown>)[ok.shownOnce]),
  };
}

function sendReplay(res: Response, { status, location, body }: KeptAnswer): void {
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('Idempotency-Replayed', 'true');
  if (location !== null) res.setHeader('Location', location);
  sendText(res, status, body ?? '');
}

/** The same list from `cursor` on. */
function nextPage(url: string, cursor: string): string {
  const [path = '', query = ''] = url.split('?', 2);
  const parameters = new URLSearchParams(query);
  parameters.delete('page');
  parameters.set('cursor', cursor);
  return `${path}?${parameters.toString()}`;
}
