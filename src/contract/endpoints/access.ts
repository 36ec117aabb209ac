import { CallerAnswer } from '../caller.js';
import type { Endpoint } from '../endpoint.js';
import { ApiKeyAnswer, KeyPath, MadeKeyAnswer, MakeKey, RotateKey } from '../keys.js';
import { CreateProject, Project, ProjectPath } from '../project.js';

const KEY_ID = 'k3m5n7p2q4r6s2t4';
const PROJECT_ID = '0198c0de-7a1b-7c3d-8e4f-000000000003';
const key = {
  keyId: KEY_ID,
  name: 'Billing service',
  role: 'submitter',
  instanceAdmin: false,
  createdAt: '2026-12-01T09:00:00.000Z',
  createdBy: 'a2b3c4d5e6f7g2h3',
};
const madeKey = { ...key, key: `carillon_${KEY_ID}.the-secret-which-is-shown-this-once-only-here-now` };
const project = { projectId: PROJECT_ID, slug: 'billing', name: 'Billing', weight: 1 };

/** The endpoints of who may call: keys and projects. */
export const accessEndpoints = {
  getCaller: {
    method: 'get',
    path: '/api/me',
    permission: 'authenticated',
    summary: 'Who calls, in which project, and what they may do',
    ok: { status: 200, schema: CallerAnswer },
    examples: {
      answer: {
        principal: { kind: 'key', id: KEY_ID },
        project: { projectId: PROJECT_ID, slug: 'billing', name: 'Billing' },
        role: 'viewer',
        instanceAdmin: false,
        permissions: ['job:read'],
      },
    },
  },
  listKeys: {
    method: 'get',
    path: '/api/keys',
    permission: 'key:manage',
    summary: 'The API keys of the project, newest first',
    ok: { status: 200, schema: ApiKeyAnswer.array() },
    examples: { answer: [key] },
  },
  makeKey: {
    method: 'post',
    path: '/api/keys',
    permission: 'key:manage',
    summary: 'Make an API key of the project',
    body: MakeKey,
    ok: { status: 201, schema: MadeKeyAnswer, shownOnce: 'keyId' },
    refusals: ['conflict'],
    examples: { body: { name: 'Billing service', role: 'submitter' }, answer: madeKey },
  },
  revokeKey: {
    method: 'delete',
    path: '/api/keys/:keyId',
    permission: 'key:manage',
    summary: 'Let a key open nothing any more; doing so again changes nothing',
    params: KeyPath,
    ok: { status: 200, schema: ApiKeyAnswer },
    refusals: ['key_not_found'],
    examples: { answer: { ...key, revokedAt: '2026-12-02T09:00:00.000Z' } },
  },
  rotateKey: {
    method: 'post',
    path: '/api/keys/:keyId/rotate',
    permission: 'key:manage',
    summary: 'Make a key that takes the place of another, which can still be used for a while',
    params: KeyPath,
    body: RotateKey,
    bodyOptional: true,
    ok: { status: 201, schema: MadeKeyAnswer, shownOnce: 'keyId' },
    refusals: ['key_not_found', 'conflict'],
    examples: { body: { overlap: 'PT1H' }, answer: madeKey },
  },
  listProjects: {
    method: 'get',
    path: '/api/projects',
    permission: 'instance:manage',
    summary: 'The projects of the instance, by slug',
    ok: { status: 200, schema: Project.array() },
    examples: { answer: [project] },
  },
  createProject: {
    method: 'post',
    path: '/api/projects',
    permission: 'instance:manage',
    summary: 'Make a project, which has no key yet',
    body: CreateProject,
    ok: { status: 201, schema: Project },
    refusals: ['conflict'],
    examples: { body: { slug: 'billing', name: 'Billing' }, answer: project },
  },
  makeProjectKey: {
    method: 'post',
    path: '/api/projects/:projectId/keys',
    permission: 'instance:manage',
    summary: 'Make a key of any project: its first one, or a new one when all are lost',
    params: ProjectPath,
    body: MakeKey,
    ok: { status: 201, schema: MadeKeyAnswer, shownOnce: 'keyId' },
    refusals: ['project_not_found', 'conflict'],
    examples: { body: { name: 'First key', role: 'admin' }, answer: { ...madeKey, name: 'First key', role: 'admin' } },
  },
} as const satisfies Record<string, Endpoint>;
