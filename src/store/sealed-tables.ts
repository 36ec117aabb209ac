/** Where the database holds what is sealed, for the change of keys: each row is looked at, and those that need it are written anew. */
import sql, { join, raw, type Sql } from 'sql-template-tag';
import type { Queries } from './database.js';

/** What is sealed of the rows of a table. */
export interface SealedTable {
  readonly name: string;
  /** The columns of its primary key, with their types. */
  readonly key: readonly (readonly [column: string, type: 'uuid' | 'text'])[];
  readonly values: readonly SealedColumns[];
  /** How many rows are looked at, and at most locked, at a time. */
  readonly rowsAtATime: number;
}

interface SealedColumns {
  readonly kind: 'payload' | 'run-payload' | 'result' | 'signing-key' | 'answer';
  /** The column of what was written before it was sealed, and that as the bytes that are sealed. */
  readonly plain: string;
  readonly plainBytes: string;
  readonly sealed: string;
}

const json = (plain: string) => ({
  plain,
  plainBytes: `convert_to(${plain}::text, 'UTF8')`,
  sealed: `${plain}_sealed`,
});
const id = [['id', 'uuid']] as const;

export const sealedTables: readonly SealedTable[] = [
  { name: 'jobs', key: id, values: [{ kind: 'payload', ...json('payload') }], rowsAtATime: 500 },
  {
    name: 'runs',
    key: id,
    values: [
      { kind: 'run-payload', ...json('payload') },
      { kind: 'result', ...json('result') },
    ],
    rowsAtATime: 500,
  },
  {
    name: 'signing_keys',
    key: id,
    values: [{ kind: 'signing-key', plain: 'key', plainBytes: 'key', sealed: 'key_sealed' }],
    rowsAtATime: 500,
  },
  {
    name: 'idempotent_calls',
    key: [
      ['project_id', 'uuid'],
      ['principal', 'text'],
      ['call', 'text'],
      ['key', 'text'],
    ],
    values: [{ kind: 'answer', ...json('body'), plainBytes: "convert_to(to_json(body)::text, 'UTF8')" }],
    // The answers of batches are large.
    rowsAtATime: 50,
  },
];

/** The table that holds values of a kind; undefined where none does. */
export function tableOf(kind: string): string | undefined {
  return sealedTables.find(({ values }) => values.some((value) => value.kind === kind))?.name;
}

/** The primary key of a row, in the order of `SealedTable.key`. */
export type RowKey = readonly string[];

/** How the values of a row stand, in the order of `SealedTable.values`. */
export interface SeenRow {
  key: RowKey;
  /** For each value `plain`, or the first bytes of what is sealed; null where there is none. */
  heads: (Buffer | 'plain' | null)[];
}

/** What a sealed value begins with is not longer than this, in bytes: see `headerOf`. */
const HEAD_BYTES = 34;

const columns = (names: readonly string[]): Sql => raw(names.join(', '));
const keyColumns = ({ key }: SealedTable) => columns(key.map(([column]) => column));

/** The rows that come after one, in the order of the table's key; nothing is locked. */
export async function readSeenRows(db: Queries, table: SealedTable, after: RowKey | undefined): Promise<SeenRow[]> {
  const heads = table.values.map(({ plain, sealed }, at) =>
    raw(`${plain} is not null as plain_${at}, substring(${sealed} for ${HEAD_BYTES}) as head_${at}`),
  );
  const rows = await db.query<Record<string, unknown>>(
    sql`select ${keyColumns(table)}, ${join(heads)} from ${raw(table.name)}
      ${after ? sql`where (${keyColumns(table)}) > (${join(typed(table, after))})` : sql``}
      order by ${keyColumns(table)} limit ${table.rowsAtATime}`,
  );
  return rows.map((row) => ({
    key: keyOf(table, row),
    heads: table.values.map((_, at) => (row[`plain_${at}`] === true ? 'plain' : (row[`head_${at}`] as Buffer | null))),
  }));
}

/** A row that is locked: its values as bytes, in the order of `SealedTable.values`. */
export interface LockedRow {
  key: RowKey;
  projectId: string;
  values: { plain: Buffer | null; sealed: Buffer | null }[];
}

/** Locks rows and reads them; `others` says what becomes of those that somebody else has locked. */
export async function lockRows(
  tx: Queries,
  table: SealedTable,
  keys: readonly RowKey[],
  others: 'skip' | 'wait',
): Promise<LockedRow[]> {
  const values = table.values.map(({ plainBytes, sealed }, at) =>
    raw(`${plainBytes} as plain_${at}, ${sealed} as sealed_${at}`),
  );
  const rows = await tx.query<Record<string, unknown>>(
    sql`select project_id as project, ${keyColumns(table)}, ${join(values)} from ${raw(table.name)}
      where (${keyColumns(table)}) in (select * from unnest(${join(keyArrays(table, keys))}))
      order by ${keyColumns(table)} for update ${raw(others === 'skip' ? 'skip locked' : '')}`,
  );
  return rows.map((row) => ({
    key: keyOf(table, row),
    projectId: String(row['project']),
    values: table.values.map((_, at) => ({
      plain: row[`plain_${at}`] as Buffer | null,
      sealed: row[`sealed_${at}`] as Buffer | null,
    })),
  }));
}

/** Writes values in place of those that rows have; undefined leaves one as it is. */
export async function writeSealed(
  tx: Queries,
  table: SealedTable,
  rows: readonly { key: RowKey; values: readonly (Buffer | undefined)[] }[],
): Promise<void> {
  const keys = table.key.map(([column]) => `key_${column}`);
  const names = [...keys, ...table.values.map((_, at) => `value_${at}`)];
  const set = table.values.map(({ plain, sealed }, at) =>
    raw(`${sealed} = coalesce(value_${at}, ${sealed}), ${plain} = case when value_${at} is null then t.${plain} end`),
  );
  const values = table.values.map((_, at) => sql`${rows.map((row) => row.values[at] ?? null)}::bytea[]`);
  const all = [
    ...keyArrays(
      table,
      rows.map(({ key }) => key),
    ),
    ...values,
  ];
  await tx.query(
    sql`update ${raw(table.name)} t set ${join(set)} from unnest(${join(all)}) as anew(${columns(names)})
      where ${raw(table.key.map(([column]) => `t.${column} = key_${column}`).join(' and '))}`,
  );
}

function keyOf({ key }: SealedTable, row: Record<string, unknown>): RowKey {
  return key.map(([column]) => String(row[column]));
}

function typed({ key }: SealedTable, values: RowKey): Sql[] {
  return key.map(([, type], at) => sql`${values[at]}::${raw(type)}`);
}

function keyArrays({ key }: SealedTable, keys: readonly RowKey[]): Sql[] {
  return key.map(([, type], at) => sql`${keys.map((one) => one[at])}::${raw(type)}[]`);
}

/** Lets one change of keys at a time write, until the transaction ends: two could wait for each other's counts of projects. */
export async function lockKeyChange(tx: Queries): Promise<void> {
  await tx.query(sql`select pg_advisory_xact_lock(hashtextextended('rotate-keys', 4))`);
}
