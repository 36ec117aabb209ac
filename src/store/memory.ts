import sql from 'sql-template-tag';
import type { Queries } from './database.js';

/** What was remembered under this name; undefined when nothing was. */
export async function recall(db: Queries, name: string): Promise<string | undefined> {
  const [row] = await db.query<{ value: string }>(sql`select value from memory where name = ${name}`);
  return row?.value;
}

/** Remembers a value by its name, instead of what was remembered before. */
export async function remember(db: Queries, name: string, value: string): Promise<void> {
  await db.query(sql`insert into memory (name, value) values (${name}, ${value})
    on conflict (name) do update set value = excluded.value`);
}
