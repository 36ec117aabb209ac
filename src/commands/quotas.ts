import { changedFields } from '../domain/audit.js';
import { AppError } from '../domain/errors.js';
import type { QuotaChanges, QuotaUses } from '../domain/quotas.js';
import { readQuotas, setQuotas } from '../store/quotas.js';
import { grantPlaces } from './grant-places.js';
import type { CommandPorts } from './ports.js';

/**
 * Sets quotas of a project; what is left out stays.
 *
 * @throws AppError `project_not_found`
 */
export async function changeQuotas(ports: CommandPorts, projectId: string, changes: QuotaChanges): Promise<QuotaUses> {
  await ports.db.transaction(async (tx) => {
    const set = await setQuotas(tx, projectId, changes, ports.clock.now());
    if (!set) throw noProject(projectId);
    ports.audit?.note({ projectId, ...changedFields({ ...set.before }, { ...set.after }) });
  });
  // A limit that is raised, or taken away, has room for those that wait.
  if (changes.runningRuns !== undefined) await grantPlaces(ports, { projectId, key: null });
  return quotasOf(ports, projectId);
}

/**
 * The quotas of a project, and how much it uses of each.
 *
 * @throws AppError `project_not_found`
 */
export async function quotasOf({ db, clock }: CommandPorts, projectId: string): Promise<QuotaUses> {
  const quotas = await readQuotas(db, projectId, clock.now());
  if (!quotas) throw noProject(projectId);
  return quotas;
}

function noProject(projectId: string): AppError {
  return new AppError('project_not_found', `There is no project ${projectId}.`);
}
