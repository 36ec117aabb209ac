import pg from 'pg';
import sql from 'sql-template-tag';
import type { Queries } from '../../src/store/database.js';

/** A table as the catalogue has it. */
export interface Table {
  name: string;
  /** The column that tells whose a row is. */
  projectColumn: string;
  columns: { name: string; type: string; isNeeded: boolean; isUpdatable: boolean }[];
  isEnabled: boolean;
  /** Those that let the role `carillon_project` do something. */
  policies: { using: string; check: string; command: string }[];
  /** What that role may do with all columns. */
  privileges: string[];
}

/** All tables; a partition is left out that the role can't reach but through its table. */
export async function tablesOf(db: Queries): Promise<Table[]> {
  return db.query<Table>(sql`
    select relname as name, case relname when 'projects' then 'id' else 'project_id' end as "projectColumn",
      relrowsecurity as "isEnabled",
      (select json_agg(json_build_object('name', attname, 'type', format_type(atttypid, null), 'isNeeded', attnotnull and not atthasdef,
          'isUpdatable', has_column_privilege('carillon_project', c.oid, attnum, 'UPDATE')) order by attnum)
        from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped) as columns,
      (select coalesce(json_agg(json_build_object('using', pg_get_expr(polqual, polrelid), 'command', polcmd,
          'check', pg_get_expr(polwithcheck, polrelid))), '[]')
        from pg_policy where polrelid = c.oid and polpermissive
          and polroles && array[0, 'carillon_project'::regrole]::oid[]) as policies,
      (select coalesce(json_agg(one), '[]') from unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE}'::text[]) one
        where has_table_privilege('carillon_project', c.oid, one)) as privileges
    from pg_class c
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
      and not (relispartition and not has_any_column_privilege('carillon_project', oid, 'SELECT, INSERT, UPDATE'))
    order by relname`);
}

/** Puts a row of each project into each table, past its triggers and references: whatever its columns are. */
export async function fillTables(url: string, tables: readonly Table[], projects: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('set session_replication_role = replica');
    for (const { name, projectColumn, columns } of tables) {
      if (name === 'projects') continue;
      const needed = columns.filter((column) => column.isNeeded && column.name !== projectColumn);
      const names = [projectColumn, ...needed.map((column) => column.name)].map((one) => `"${one}"`);
      for (const project of projects) {
        const values = [`'${project}'`, ...needed.map((column) => anyValueOf(column.type))];
        await client.query(`insert into ${name} (${names.join(', ')}) values (${values.join(', ')})`);
      }
    }
  } finally {
    await client.end();
  }
}

/** Some value of a type, as SQL. */
function anyValueOf(type: string): string {
  if (type.endsWith('[]')) return `'{}'`;
  if (type === 'uuid') return 'gen_random_uuid()';
  if (/^(text|character)/.test(type)) return 'gen_random_uuid()::text';
  if (/^(timestamp|date)/.test(type)) return 'now()';
  if (/^(integer|bigint|smallint|double|numeric|real)/.test(type)) return '1';
  if (type.startsWith('json')) return `'{}'`;
  if (type === 'boolean') return 'false';
  if (type === 'bytea') return `'\\x00'`;
  return `(enum_range(null::${type}))[1]`;
}
