import type { Endpoint } from '../endpoint.js';
import { ProjectPath } from '../project.js';
import { Quotas, SetQuotas } from '../quotas.js';

export const quotas = {
  openJobs: { limit: 10_000, used: 812 },
  submissionsPerDay: { limit: 50_000, used: 4_190 },
  runningRuns: { limit: 50, used: 7 },
  payloadBytes: { limit: null },
  logBytesPerDay: { limit: 100_000_000, used: 2_318_456 },
};

/** The endpoints of what a project may use: only who manages the instance sets it. */
export const quotaEndpoints = {
  getQuotas: {
    method: 'get',
    path: '/api/projects/:projectId/quotas',
    permission: 'instance:manage',
    summary: 'The quotas of any project, and how much it uses of each',
    params: ProjectPath,
    ok: { status: 200, schema: Quotas },
    refusals: ['project_not_found'],
    examples: { answer: quotas },
  },
  setQuotas: {
    method: 'put',
    path: '/api/projects/:projectId/quotas',
    permission: 'instance:manage',
    summary: 'Set what a project may use; its jobs and runs stay, also where it uses more already',
    params: ProjectPath,
    body: SetQuotas,
    ok: { status: 200, schema: Quotas },
    refusals: ['project_not_found'],
    examples: { body: { openJobs: 10_000, logBytesPerDay: 100_000_000, payloadBytes: null }, answer: quotas },
  },
} as const satisfies Record<string, Endpoint>;
