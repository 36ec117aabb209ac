import { z } from 'zod';
import { refusal } from './validation.js';

/**
 * Cursors: where a page of a list ended, opaque to clients. They hold nothing that the page did not show, but come
 * back from outside: each is checked as strictly as any input. `list` keeps one list's cursor out of another's.
 */
export interface CursorOf<Position> {
  write(position: Position): string;
  /** Undefined for undefined; throws `validation_failed`, naming `cursor`, for anything that was not written here. */
  read(text: string | undefined): Position | undefined;
}

export function cursorOf<Schema extends z.ZodType>(list: string, position: Schema): CursorOf<z.output<Schema>> {
  const schema = z.strictObject({ list: z.literal(list), position });
  return {
    write: (at) => Buffer.from(JSON.stringify({ list, position: at })).toString('base64url'),
    read(text) {
      if (text === undefined) return undefined;
      const parsed = schema.safeParse(decode(text));
      if (parsed.success) return (parsed.data as { position: z.output<Schema> }).position;
      throw refusal([
        { parameter: 'cursor', message: 'is not one of this list: copy it from the Link header of the page before' },
      ]);
    },
  };
}

function decode(text: string): unknown {
  if (!/^[\w-]+$/.test(text)) return undefined;
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

/** The page that a query asks for: by number, or by cursor. */
export function pageOf<Position>(
  query: { page: number; limit: number; cursor?: string | undefined },
  cursor: CursorOf<Position>,
): { limit: number; offset: number; after: Position | undefined } {
  const after = cursor.read(query.cursor);
  if (after !== undefined && query.page > 1) {
    throw refusal([{ parameter: 'page', message: 'cannot be given together with cursor' }]);
  }
  return { limit: query.limit, offset: (query.page - 1) * query.limit, after };
}
