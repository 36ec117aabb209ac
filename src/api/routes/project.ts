import { changeProject, changeQuotas, quotasOf } from '../../commands/index.js';
import type { Project, ProjectWithQuotas } from '../../contract/project.js';
import { readProject, type ProjectRecord } from '../../store/projects.js';
import type { Call, Routes } from '../calls.js';

export const projectRoutes: Routes<'getProject' | 'updateProject' | 'getQuotas' | 'setQuotas'> = {
  async getProject(call) {
    return { body: await projectOf(call) };
  },

  async updateProject(call) {
    await changeProject(call.ports.commands, call.caller, call.body);
    return { body: await projectOf(call) };
  },

  async getQuotas({ ports, params }) {
    return { body: await quotasOf(ports.commands, params.projectId) };
  },

  async setQuotas({ ports, params, body }) {
    return { body: await changeQuotas(ports.commands, params.projectId, body) };
  },
};

async function projectOf({ ports, caller }: Pick<Call<'getProject'>, 'ports' | 'caller'>): Promise<ProjectWithQuotas> {
  const project = await readProject(ports.commands.db, caller.projectId);
  if (!project) throw new Error(`the project ${caller.projectId} of a key is not there`);
  return { ...projectAnswer(project), quotas: await quotasOf(ports.commands, caller.projectId) };
}

export function projectAnswer({ id, slug, name, weight, maxRunningRuns }: ProjectRecord): Project {
  return { projectId: id, slug, name, weight, ...(maxRunningRuns === null ? {} : { maxRunningRuns }) };
}
