import type { Request, RequestHandler, Response } from 'express';
import type { Caller } from '../commands/index.js';
import type { Endpoint, EndpointName } from '../contract/endpoints.js';
import { AppError } from '../domain/errors.js';
import { isPermitted, needsProject } from '../domain/permissions.js';
import type { Identity, Principal } from '../security/principals.js';
import type { Answer, Call, Route } from './calls.js';
import { readJsonBody, readTextBody } from './request-body.js';
import type { ApiPorts } from './ports.js';
import { chooseProject } from './project-choice.js';
import { sendJson } from './send.js';
import { parseBody, parseParameters, queryOf } from './validation.js';

/** One endpoint of the table at work: permission, then what was sent, then the route, then its answer. */
export function endpointHandler<Name extends EndpointName>(
  name: Name,
  endpoint: Endpoint,
  route: Route<Name>,
  ports: ApiPorts,
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
    const body = endpoint.body && (await bodyOf(req, res, endpoint));
    // The table gives the types of the parts and the route's own, which TypeScript can't relate for a name not yet known.
    const answer = await route({
      ports,
      identity,
      principal,
      caller: principal && callerOf(principal),
      params,
      query,
      body,
    } as Call<Name>);
    sendAnswer(req, res, endpoint, answer);
  };
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
  const { bodyType, bodyOptional } = endpoint;
  const given = bodyType === undefined ? await readJsonBody(req, res) : await readTextBody(req, res, bodyType);
  if (given === undefined && !bodyOptional) {
    const what = bodyType === undefined ? 'a JSON object' : `a text of the type ${bodyType}`;
    throw new AppError('malformed_request', `This call needs a body: ${what}.`);
  }
  return parseBody(endpoint.body, given === undefined ? {} : given);
}

function sendAnswer(req: Request, res: Response, endpoint: Endpoint, answer: Answer<EndpointName>): void {
  res.setHeader('Cache-Control', 'no-store');
  if (answer.location !== undefined) res.setHeader('Location', answer.location);
  if (answer.etag !== undefined) res.setHeader('ETag', answer.etag);
  if (answer.next !== undefined) res.setHeader('Link', `<${nextPage(req.originalUrl, answer.next)}>; rel="next"`);
  sendJson(res, endpoint.ok.status, answer.body);
}

/** The same list from `cursor` on. */
function nextPage(url: string, cursor: string): string {
  const [path = '', query = ''] = url.split('?', 2);
  const parameters = new URLSearchParams(query);
  parameters.delete('page');
  parameters.set('cursor', cursor);
  return `${path}?${parameters.toString()}`;
}
