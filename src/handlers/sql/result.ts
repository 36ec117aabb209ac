import { MAX_RESULT_BYTES, NonRetryableError } from '../handler.js';
import { jsonBytes } from '../shared/size.js';
import type { StatementCursor } from './statement-cursor.js';

/** Few, as the rows of a batch are in memory together and may be long. */
const BATCH_ROWS = 50;
const MAX_COLUMNS = 500;

/** The result of a `sql` run. Its JSON is at most 64 KiB, for which rows may be left out. */
export interface SqlResult {
  rows: Record<string, unknown>[];
  /** How many rows the statement gave or changed; null when reading stopped before its end. */
  rowCount: number | null;
  /** The names of the columns. */
  fields: string[];
  /** Whether rows are missing in `rows`. */
  truncated: boolean;
}

/**
 * Runs a statement and keeps its first rows, as many as `maxRows` and 64 KiB allow. When the transaction is read-only, the
 * rest is not fetched. Otherwise it is fetched and dropped: a statement may change something at each row, and is never
 * done by half.
 *
 * @throws NonRetryableError `sql_unsupported` for rows that make no JSON objects
 */
export async function readResult(
  cursor: StatementCursor,
  { maxRows, readOnly }: { maxRows: number; readOnly: boolean },
): Promise<SqlResult> {
  const rows: Record<string, unknown>[] = [];
  let { rows: batch, result } = await cursor.next(Math.min(BATCH_ROWS, maxRows + 1));
  const fields = result.fields.map((field) => field.name);
  checkFields(fields);
  let room = MAX_RESULT_BYTES - jsonBytes({ rows, rowCount: Number.MAX_SAFE_INTEGER, fields, truncated: false });
  let seen = 0;
  let truncated = false;
  while (batch.length > 0) {
    for (const values of batch) {
      seen += 1;
      if (truncated) continue;
      const row = Object.fromEntries(fields.map((name, index) => [name, values[index]]));
      room -= jsonBytes(row) + 1;
      truncated = rows.length === maxRows || room < 0;
      if (!truncated) rows.push(row);
    }
    if (truncated && readOnly) {
      await cursor.close();
      return { rows, rowCount: null, fields, truncated };
    }
    ({ rows: batch, result } = await cursor.next(BATCH_ROWS));
  }
  // The server counts only the rows of the last batch.
  return { rows, rowCount: fields.length > 0 ? seen : (result.rowCount ?? 0), fields, truncated };
}

function checkFields(fields: readonly string[]): void {
  const twice = fields.find((name, index) => fields.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new NonRetryableError(
      'sql_unsupported',
      `Two columns are called ${twice}: give one of them another name by AS.`,
    );
  }
  if (fields.length > MAX_COLUMNS) {
    throw new NonRetryableError('sql_unsupported', `A statement may give at most ${MAX_COLUMNS} columns.`);
  }
}
