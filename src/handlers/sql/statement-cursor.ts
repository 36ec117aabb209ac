import type pg from 'pg';
import Cursor from 'pg-cursor';
import { jsonTypes } from './values.js';

/** What the types of `pg` leave out. */
interface CopyConnection {
  sendCopyFail(message: string): void;
}

/** Some rows of a statement, and what is known of it so far. */
export interface Batch {
  readonly rows: unknown[][];
  readonly result: pg.QueryResult;
}

/**
 * A statement whose rows are fetched a few at a time. It goes by the extended protocol, in which the server itself
 * refuses several statements at once.
 */
export class StatementCursor extends Cursor<unknown[]> {
  /** Whether the statement was a COPY from or to the client: `pg-cursor` does not know these messages and would throw in the socket's event. */
  copies = false;
  #known: pg.QueryResult | undefined;

  constructor(statement: string, parameters: readonly unknown[]) {
    super(statement, [...parameters], { rowMode: 'array', types: jsonTypes });
  }

  /** At most `count` rows more; none at the end. */
  next(count: number): Promise<Batch> {
    return new Promise((resolve, reject) => {
      this.read(count, (error: Error | undefined, rows: unknown[][], result?: pg.QueryResult) => {
        // After the end there is no result any more, only no rows.
        const known = result ?? this.#known;
        this.#known = known;
        if (error) reject(error);
        else if (known) resolve({ rows, result: known });
        else reject(new Error('The statement was read after its end.'));
      });
    });
  }

  /** Called by `pg`. */
  handleCopyInResponse(connection: CopyConnection): void {
    this.copies = true;
    connection.sendCopyFail('Nothing is sent.');
  }

  /** Called by `pg` for each piece of a COPY to the client. */
  handleCopyData(): void {
    this.copies = true;
  }
}
