/** The project of a key. */
import type { Endpoint } from '../endpoint.js';
import { project } from '../examples.js';
import { quotas } from './quotas.js';
import { ProjectWithQuotas, UpdateProject } from '../project.js';

export const projectEndpoints = {
  getProject: {
    method: 'get',
    path: '/api/project',
    permission: 'job:read',
    summary: 'The project of the key, its share of the workers, and its quotas',
    ok: { status: 200, schema: ProjectWithQuotas },
    examples: { answer: { ...project, quotas } },
  },
  updateProject: {
    method: 'put',
    path: '/api/project',
    permission: 'project:manage',
    summary: "Change the project's share of the workers: its weight, and how many of its runs are under way at once",
    body: UpdateProject,
    ok: { status: 200, schema: ProjectWithQuotas },
    examples: { body: { maxRunningRuns: 50 }, answer: { ...project, quotas } },
  },
} as const satisfies Record<string, Endpoint>;
