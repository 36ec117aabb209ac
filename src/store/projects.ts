import sql from 'sql-template-tag';
import type { Queries } from './database.js';

/** What people call a project; undefined when there is none of that id. */
export async function readProjectSlug(db: Queries, projectId: string): Promise<string | undefined> {
  const [row] = await db.query<{ slug: string }>(sql`select slug from projects where id = ${projectId}`);
  return row?.slug;
}
