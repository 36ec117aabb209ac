import { v7 as uuidv7 } from 'uuid';
import { AppError } from '../domain/errors.js';
import { insertProject, readProject, type ProjectRecord } from '../store/projects.js';
import type { CommandPorts } from './ports.js';

/**
 * Makes a project, which has no key yet.
 *
 * @throws AppError `conflict` when there is one of that slug
 */
export async function createProject(
  { db }: Pick<CommandPorts, 'db'>,
  { slug, name = slug }: { slug: string; name?: string | undefined },
): Promise<ProjectRecord> {
  const id = uuidv7();
  return db.transaction(async (tx) => {
    if (!(await insertProject(tx, { id, slug, name }))) {
      throw new AppError('conflict', `There is a project ${slug} already.`);
    }
    const project = await readProject(tx, id);
    if (!project) throw new Error(`the project ${id} is not there`);
    return project;
  });
}
