import pg from 'pg';
import sql from 'sql-template-tag';
import type { Queries } from '../../src/store/database.js';

/** A table as the catalogue has it, and its view for the role `carillon_project`. */
export interface Table {
  name: string;
  /** The column that tells whose a row is. */
  projectColumn: string;
  columns: { name: string; type: string; isNeeded: boolean }[];
  /** What that role may do with the table itself. */
  privileges: string[];
  view: {
    columns: string[];
    definition: string;
    options: string[] | null;
    privileges: string[];
    /** The columns that the role may change. */
    changeable: string[];
  } | null;
}

/** All tables, but for the partitions of others. */
export async function tablesOf(db: Queries): Promise<Table[]> {
  return db.query<Table>(sql`
    select relname as name, case relname when 'projects' then 'id' else 'project_id' end as "projectColumn",
      (select json_agg(json_build_object('name', attname, 'type', format_type(atttypid, null),
          'isNeeded', attnotnull and not atthasdef) order by attnum)
        from pg_attribute where attrelid = t.oid and attnum > 0 and not attisdropped) as columns,
      (select coalesce(json_agg(one), '[]') from unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,TRIGGER}'::text[]) one
        where has_table_privilege('carillon_project', t.oid, one)
          or one in ('SELECT', 'INSERT', 'UPDATE') and has_any_column_privilege('carillon_project', t.oid, one)) as privileges,
      (select json_build_object('definition', pg_get_viewdef(v.oid), 'options', reloptions,
          'columns', (select json_agg(attname order by attnum) from pg_attribute where attrelid = v.oid and attnum > 0),
          'privileges', (select coalesce(json_agg(one), '[]') from unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) one
            where has_table_privilege('carillon_project', v.oid, one)),
          'changeable', (select coalesce(json_agg(attname order by attnum), '[]') from pg_attribute
            where attrelid = v.oid and attnum > 0 and has_column_privilege('carillon_project', v.oid, attnum, 'UPDATE')))
        from pg_class v where relnamespace = 'project_rows'::regnamespace and v.relname = t.relname) as view
    from pg_class t
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
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
