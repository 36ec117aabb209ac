import type { Request } from 'express';
import { AppError } from '../domain/errors.js';
import { inProject, type Identity, type Principal } from '../security/principals.js';

/**
 * Who calls in the project that the header `Carillon-Project` names, or in their only one. Undefined only where a project
 * is not needed and none is named.
 *
 * @throws AppError `project_not_found`, the same for a project that there is not as for one of others; `project_unnamed`;
 * `forbidden` for whoever has no project at all
 */
export function chooseProject(req: Request, identity: Identity, isNeeded: boolean): Principal | undefined {
  const chosen = inProject(identity, slugOf(req));
  if (chosen === 'unknown') {
    throw new AppError('project_not_found', 'The header Carillon-Project names no project that you may use.');
  }
  if (chosen !== 'unnamed') return chosen;
  if (!isNeeded) return undefined;
  if (identity.projects.length === 0) throw new AppError('forbidden', 'You are a member of no project.');
  throw new AppError('project_unnamed', 'You may use several projects: name one by the header Carillon-Project.');
}

/**
 * The id of the project whose audit trail tells of a refused request; undefined: none. Of those who may use only one it is that,
 * whatever they name: nobody hides from its admins by a wrong name.
 */
export function projectToTell(req: Request, identity: Identity): string | undefined {
  const named = inProject(identity, slugOf(req));
  const chosen = named === 'unknown' ? inProject(identity, undefined) : named;
  return typeof chosen === 'string' ? undefined : chosen.projectId;
}

/** Node joins a header that came twice: that is no slug of any project. */
function slugOf({ headers }: Request): string | undefined {
  const slug = headers['carillon-project'];
  return Array.isArray(slug) ? slug.join() : slug;
}
