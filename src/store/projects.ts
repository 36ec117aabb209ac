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
