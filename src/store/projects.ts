import sql from 'sql-template-tag';
import type { Queries } from './database.js';

/** What people call a project; undefined when there is none of that id. */
export async function readProjectSlug(db: Queries, projectId: string): Promise<string | undefined> {
  const [row] = await db.query<{ slug: string }>(sql`select slug from projects where id = ${projectId}`);
  return row?.slug;
}

/** A project, and its share of the workers. */
export interface ProjectRecord {
  id: string;
  slug: string;
  name: string;
  weight: number;
  maxRunningRuns: number | null;
}

export async function readProject(db: Queries, projectId: string): Promise<ProjectRecord | undefined> {
  const [row] = await db.query<ProjectRecord>(
    sql`select id, slug, name, weight, max_running_runs as "maxRunningRuns" from projects where id = ${projectId}`,
  );
  return row;
}

/** Locks a project until the transaction ends, and reads it as it is then. */
export async function lockProject(tx: Queries, projectId: string): Promise<ProjectRecord | undefined> {
  await tx.query(sql`select 1 from projects where id = ${projectId} for no key update`);
  return readProject(tx, projectId);
}

/** All projects of the instance, by slug. */
export async function listProjects(db: Queries): Promise<ProjectRecord[]> {
  return db.query<ProjectRecord>(
    sql`select id, slug, name, weight, max_running_runs as "maxRunningRuns" from projects order by slug`,
  );
}

/** Makes a project, unless there is one of that slug: then false. */
export async function insertProject(
  tx: Queries,
  project: Pick<ProjectRecord, 'id' | 'slug' | 'name'>,
): Promise<boolean> {
  const rows = await tx.query(
    sql`insert into projects (id, slug, name) values (${project.id}, ${project.slug}, ${project.name})
      on conflict (slug) do nothing returning 1`,
  );
  return rows.length > 0;
}

/** Changes a project's share of the workers; what is left out stays. */
export async function updateProject(
  db: Queries,
  projectId: string,
  { weight, maxRunningRuns }: { weight?: number | undefined; maxRunningRuns?: number | null | undefined },
): Promise<void> {
  await db.query(
    sql`update projects set weight = coalesce(${weight ?? null}, weight),
        max_running_runs = case when ${maxRunningRuns !== undefined} then ${maxRunningRuns ?? null}::int else max_running_runs end
      where id = ${projectId}`,
  );
}
