/** A part of a list: `limit` rows after skipping `offset`, or after a position. */
export interface Page<Position> {
  limit: number;
  offset: number;
  after?: Position | undefined;
}

/** The rows of a page, and where the next one begins; null when this was the last. */
export interface Slice<Item, Position> {
  items: Item[];
  next: Position | null;
}

/** Makes a slice of rows read with one more than `limit`: the surplus one tells that there is a next page. */
export function sliceOf<Row, Item, Position>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
  toPosition: (row: Row) => Position,
): Slice<Item, Position> {
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    items: rows.slice(0, limit).map((row) => toItem(row)),
    next: last === undefined ? null : toPosition(last),
  };
}
