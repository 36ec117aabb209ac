import type { Role } from '../domain/permissions.js';

/** A project that somebody may do something in. */
export interface ProjectAccess {
  readonly projectId: string;
  readonly slug: string;
  readonly name: string;
  readonly role: Role;
}

/** Who calls, before it is known in which project. */
export interface Identity {
  readonly kind: 'key' | 'user';
  /** The id of the key, or of the user. */
  readonly id: string;
  /** Whether it may manage the projects of the instance. What is in them is not among that. */
  readonly isInstanceAdmin: boolean;
  /** Where it may do something, by slug: a key in its own project only. */
  readonly projects: readonly ProjectAccess[];
}

/** Who calls, in which project and with which role. */
export interface Principal {
  readonly kind: 'key' | 'user';
  /** The id of the key, or of the user. */
  readonly id: string;
  readonly projectId: string;
  readonly role: Role;
  readonly isInstanceAdmin: boolean;
}

/** Who does something, as it is written down, and in which project; undefined: in none. */
export interface Doer {
  /** The id of the key, or of the user. */
  readonly actor: string;
  readonly projectId: string | undefined;
}

/** Whether somebody was let in; if not, why, in a word for the log: the caller is not told. */
export type Admission = { readonly identity: Identity } | { readonly refusal: string };

/**
 * Who calls, in the project of that slug, or in the only one when none is named.
 *
 * @returns `unknown` for a project that is not there as for one that they have no part in: nobody learns which; `unnamed`
 * when it can't be said which project is meant
 */
export function inProject(identity: Identity, slug: string | undefined): Principal | 'unknown' | 'unnamed' {
  const { kind, id, isInstanceAdmin, projects } = identity;
  const chosen = slug === undefined ? projects : projects.filter((project) => project.slug === slug);
  const [project, another] = chosen;
  if (!project) return slug === undefined ? 'unnamed' : 'unknown';
  if (another) return 'unnamed';
  return { kind, id, isInstanceAdmin, projectId: project.projectId, role: project.role };
}
