/** The project of a key. */
import type { Endpoint } from '../endpoint.js';
import { project } from '../examples.js';
import { Project, UpdateProject } from '../project.js';

export const projectEndpoints = {
  getProject: {
    method: 'get',
    path: '/api/project',
    permission: 'job:read',
    summary: 'The project of the key, and its share of the workers',
    ok: { status: 200, schema: Project },
    examples: { answer: project },
  },
  updateProject: {
    method: 'put',
    path: '/api/project',
    permission: 'project:manage',
    summary: "Change the project's share of the workers: its weight, and how many of its runs are under way at once",
    body: UpdateProject,
    ok: { status: 200, schema: Project },
    examples: { body: { maxRunningRuns: 50 }, answer: project },
  },
} as const satisfies Record<string, Endpoint>;
