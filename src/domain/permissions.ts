/**
 * What a caller may do in a project.
 *
 * - `job:read`: see jobs, their status and their runs.
 * - `job:operate`: pause, resume, cancel a job, or run it now.
 * - `job:submit`: submit and change jobs, or give a run a payload of its own.
 * - `calendar:write`: make, change and delete calendars.
 * - `handler:privileged`: submit and change jobs whose handler acts with the rights of a node, such as `command`.
 * - `signing-key:manage`: see and change the keys that sign what `http` jobs send.
 * - `project:manage`: change what bounds the project's share of the workers.
 * - `payload:read`: see what jobs work with: payloads, results, error messages, logs.
 * - `key:manage`: make, rotate and revoke the project's API keys.
 * - `member:manage`: see, add, change and remove the project's members.
 * - `audit:read`: see who changed what, and who was refused.
 * - `instance:manage`: see and make projects, set their quotas, and give a project a key. No role has it: it comes with an instance admin.
 */
export const permissions = [
  'job:read',
  'job:operate',
  'job:submit',
  'calendar:write',
  'handler:privileged',
  'signing-key:manage',
  'project:manage',
  'payload:read',
  'key:manage',
  'member:manage',
  'audit:read',
  'instance:manage',
] as const;
export type Permission = (typeof permissions)[number];

/** The one table of roles: each may do what it lists, and nothing else. */
const grants = {
  viewer: ['job:read'],
  operator: ['job:read', 'job:operate'],
  submitter: ['job:read', 'job:operate', 'job:submit', 'calendar:write', 'payload:read'],
  admin: permissions.filter((permission) => needsProject(permission)),
} as const satisfies Record<string, readonly Permission[]>;

export type Role = keyof typeof grants;

/** The roles, from the one that may least on. */
export const roles = ['viewer', 'operator', 'submitter', 'admin'] as const satisfies readonly Role[];

/** The role among some texts that may most; undefined when none of them is a role. */
export function highestRole(texts: readonly string[]): Role | undefined {
  return roles.findLast((role) => texts.includes(role));
}

/** Whether `text` names a role. */
export function isRole(text: string): text is Role {
  return Object.hasOwn(grants, text);
}

/** Whether a role includes a permission. */
export function may(role: Role, permission: Permission): boolean {
  return (grants[role] as readonly Permission[]).includes(permission);
}

/**
 * What a call asks of its caller: a permission in the project, but for two that ask for no project. `instance:manage` comes
 * with an instance admin; `authenticated` is everybody who was let in.
 */
export type Access = Permission | 'authenticated';
export type AccessWithoutProject = 'instance:manage' | 'authenticated';

export function needsProject(access: Access): access is Exclude<Access, AccessWithoutProject> {
  return access !== 'instance:manage' && access !== 'authenticated';
}

/** Somebody in a project, or nowhere in particular, who may be an instance admin beside that. */
interface Who {
  role?: Role | undefined;
  isInstanceAdmin: boolean;
}

/** Whether somebody has what a call asks for. */
export function isPermitted({ role, isInstanceAdmin }: Who, access: Access): boolean {
  if (access === 'authenticated') return true;
  if (access === 'instance:manage') return isInstanceAdmin;
  return role !== undefined && may(role, access);
}

/** All that somebody may do. */
export function permissionsOf(who: Who): Permission[] {
  return permissions.filter((permission) => isPermitted(who, permission));
}
