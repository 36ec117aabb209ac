import type pg from 'pg';
import type { LogLevel, RunContext } from '../handler.js';
import { KIB } from '../shared/size.js';
import { beginningOf } from '../shared/text.js';

const MAX_NOTICES = 100;
const MAX_NOTICE_LENGTH = KIB;
const LEVELS: Readonly<Record<string, LogLevel>> = { WARNING: 'warn', DEBUG: 'debug' };

/** Writes what the statement says by RAISE to the run's log, until the returned function is called. */
export function logNotices(client: pg.ClientBase, context: RunContext): () => void {
  let count = 0;
  const listener = ({ severity, message }: { severity?: string | undefined; message?: string | undefined }): void => {
    count += 1;
    if (count > MAX_NOTICES) return;
    context.log(LEVELS[severity ?? ''] ?? 'info', beginningOf(message ?? '', MAX_NOTICE_LENGTH));
    if (count === MAX_NOTICES) context.log('info', 'Further notices of the statement are left out.');
  };
  client.on('notice', listener);
  return () => void client.removeListener('notice', listener);
}
