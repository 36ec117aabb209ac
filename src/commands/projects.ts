import { v7 as uuidv7 } from 'uuid';
import { changedFields } from '../domain/audit.js';
import { AppError } from '../domain/errors.js';
import { insertProject, lockProject, readProject, updateProject, type ProjectRecord } from '../store/projects.js';
import { grantPlaces } from './grant-places.js';
import type { Caller, CommandPorts } from './ports.js';

/**
 * Makes a project, which has no key yet.
 *
 * @throws AppError `conflict` when there is one of that slug
 */
export async function createProject(
  { db, audit }: Pick<CommandPorts, 'db' | 'audit'>,
  { slug, name = slug }: { slug: string; name?: string | undefined },
): Promise<ProjectRecord> {
  const id = uuidv7();
  return db.transaction(async (tx) => {
    if (!(await insertProject(tx, { id, slug, name }))) {
      throw new AppError('conflict', `There is a project ${slug} already.`);
    }
    const project = await readProject(tx, id);
    if (!project) throw new Error(`the project ${id} is not there`);
    audit?.note({ projectId: id, target: { kind: 'project', id }, after: { slug, name } });
    return project;
  });
}

/** Changes a project's share of the workers; what is left out stays. */
export async function changeProject(
  ports: CommandPorts,
  { projectId }: Caller,
  changes: { weight?: number | undefined; maxRunningRuns?: number | null | undefined },
): Promise<void> {
  await ports.db.transaction(async (tx) => {
    const before = await lockProject(tx, projectId);
    await updateProject(tx, projectId, changes);
    const { weight = before?.weight, maxRunningRuns = before?.maxRunningRuns } = changes;
    const fields = changedFields(
      { weight: before?.weight, maxRunningRuns: before?.maxRunningRuns },
      { weight, maxRunningRuns },
    );
    ports.audit?.note({ target: { kind: 'project', id: projectId }, ...fields });
  });
  // A limit that is raised, or taken away, has room for those that wait.
  if (changes.maxRunningRuns !== undefined) await grantPlaces(ports, { projectId, key: null });
}
