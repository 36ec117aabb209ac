import {
  createProject,
  listProjectKeys,
  makeKey,
  makeKeyFor,
  revokeProjectKey,
  rotateKey,
  type MadeKey,
} from '../../commands/index.js';
import type { ApiKeyAnswer, MadeKeyAnswer } from '../../contract/keys.js';
import { permissionsOf } from '../../domain/permissions.js';
import type { KeyFacts } from '../../store/keys.js';
import type { ProjectAccess } from '../../security/principals.js';
import { listProjects } from '../../store/projects.js';
import type { Routes } from '../calls.js';
import { at, atOrNone, optional } from '../present.js';
import { projectAnswer } from './project.js';

type Names =
  | 'getCaller'
  | 'listKeys'
  | 'makeKey'
  | 'revokeKey'
  | 'rotateKey'
  | 'listProjects'
  | 'createProject'
  | 'makeProjectKey';

/** Who may call: keys, and projects. */
export const accessRoutes: Routes<Names> = {
  async getCaller({ identity, principal }) {
    const { kind, id, isInstanceAdmin: instanceAdmin, projects } = identity;
    const project = principal && projects.find(({ projectId }) => projectId === principal.projectId);
    return {
      body: {
        principal: { kind, id },
        ...(project && { project: projectRef(project), role: project.role }),
        instanceAdmin,
        permissions: permissionsOf(principal ?? identity),
        ...(kind === 'user' && { projects: projects.map((one) => ({ ...projectRef(one), role: one.role })) }),
      },
    };
  },

  async listKeys({ ports, caller }) {
    return { body: (await listProjectKeys(ports.commands, caller)).map(keyAnswer) };
  },

  async makeKey({ ports, caller, body }) {
    return { body: madeKeyAnswer(await makeKey(ports.commands, caller, body)) };
  },

  async revokeKey({ ports, caller, params }) {
    const key = await revokeProjectKey(ports.commands, caller, params.keyId);
    ports.authenticator.forget(params.keyId);
    return { body: keyAnswer(key) };
  },

  async rotateKey({ ports, caller, params, body }) {
    const made = await rotateKey(ports.commands, caller, params.keyId, { overlapMs: body.overlap });
    ports.authenticator.forget(params.keyId);
    return { body: madeKeyAnswer(made) };
  },

  async listProjects({ ports }) {
    return { body: (await listProjects(ports.commands.db)).map(projectAnswer) };
  },

  async createProject({ ports, body }) {
    return { body: projectAnswer(await createProject(ports.commands, body)) };
  },

  async makeProjectKey({ ports, identity, params, body }) {
    return { body: madeKeyAnswer(await makeKeyFor(ports.commands, identity.id, params.projectId, body)) };
  },
};

function projectRef({ projectId, slug, name }: ProjectAccess) {
  return { projectId, slug, name };
}

function keyAnswer(key: KeyFacts): ApiKeyAnswer {
  return {
    keyId: key.id,
    name: key.name,
    role: key.role,
    instanceAdmin: key.isInstanceAdmin,
    createdAt: at(key.createdAt),
    ...optional('createdBy', key.createdBy),
    ...optional('expiresAt', atOrNone(key.expiresAt)),
    ...optional('revokedAt', atOrNone(key.revokedAt)),
    ...optional('lastUsedAt', atOrNone(key.lastUsedAt)),
  };
}

function madeKeyAnswer({ facts, written }: MadeKey): MadeKeyAnswer {
  return { ...keyAnswer(facts), key: written };
}
