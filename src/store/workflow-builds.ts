import sql from 'sql-template-tag';
import type { Queries } from './database.js';

/** A build of the workflow code that schedulers have had. Instants are epoch milliseconds. */
export interface WorkflowBuild {
  id: string;
  /** When it was first seen, or declared to be the newest. */
  since: number;
  /** When a scheduler that has it was last seen. */
  seenAt: number;
}

const PREFIX = 'workflow-build/';

/** Notes that a scheduler with this build lives, and answers with all builds, the newest first. */
export async function noteBuild(db: Queries, id: string, now: number): Promise<WorkflowBuild[]> {
  await write(db, { id, since: now, seenAt: now }, { seenAt: now });
  return readBuilds(db);
}

/** Declares a known build to be the newest. */
export async function declareNewest(db: Queries, id: string, now: number): Promise<void> {
  await write(db, { id, since: now, seenAt: 0 }, { since: now });
}

/** All builds, the newest first. */
export async function readBuilds(db: Queries): Promise<WorkflowBuild[]> {
  const rows = await db.query<{ name: string; value: string }>(
    sql`select name, value from memory where starts_with(name, ${PREFIX})`,
  );
  return rows
    .map(({ name, value }) => ({ ...(JSON.parse(value) as WorkflowBuild), id: name.slice(PREFIX.length) }))
    .toSorted((a, b) => b.since - a.since);
}

async function write(
  db: Queries,
  { id, ...first }: WorkflowBuild,
  then: Partial<Pick<WorkflowBuild, 'since' | 'seenAt'>>,
): Promise<void> {
  await db.query(sql`insert into memory (name, value) values (${PREFIX + id}, ${JSON.stringify(first)})
    on conflict (name) do update set value = (memory.value::jsonb || ${JSON.stringify(then)}::jsonb)::text`);
}
