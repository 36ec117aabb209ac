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
  'instance:manage',
] as const;
export type Permission = (typeof permissions)[number];

/** The one table of roles: each may do what it lists, and nothing else. */
const grants = {
  viewer: ['job:read'],
  operator: ['job:read', 'job:operate'],
  submitter: ['job:read', 'job:operate', 'job:submit', 'calendar:write', 'payload:read'],
  admin: permissions.filter((permission) => !isOfInstance(permission)),
} as const satisfies Record<string, readonly Permission[]>;

export type Role = keyof typeof grants;

/** The roles, from the one that may least on. */
export const roles = ['viewer', 'operator', 'submitter', 'admin'] as const satisfies readonly Role[];

/** Whether `text` names a role. */
export function isRole(text: string): text is Role {
  return Object.hasOwn(grants, text);
}

/** Whether a role includes a permission. */
export function may(role: Role, permission: Permission): boolean {
  return (grants[role] as readonly Permission[]).includes(permission);
}

/** Whether a permission is for what the instance's projects have in common: any other one ends at the caller's project. */
export function isOfInstance(permission: Permission): boolean {
  return permission === 'instance:manage';
}

/** Whether somebody of a role, who may be an instance admin beside that, has a permission. */
export function isPermitted(
  { role, isInstanceAdmin }: { role: Role; isInstanceAdmin: boolean },
  permission: Permission,
): boolean {
  return isOfInstance(permission) ? isInstanceAdmin : may(role, permission);
}

/** All that somebody may do. */
export function permissionsOf(who: { role: Role; isInstanceAdmin: boolean }): Permission[] {
  return permissions.filter((permission) => isPermitted(who, permission));
}
