import { NO_PROJECT_ID } from '../../domain/ids.js';
import { listAuditEntries, readAuditEntries } from '../../store/audit.js';
import type { Answer, Call, Routes } from '../calls.js';
import { cursorOf } from '../cursors.js';
import { auditPosition } from '../positions.js';
import { auditAnswer, exported } from '../present-audit.js';
import { refusal } from '../validation.js';

const auditCursor = cursorOf('audit', auditPosition);
const types = { ndjson: 'application/x-ndjson; charset=utf-8', csv: 'text/csv; charset=utf-8' } as const;

export const auditRoutes: Routes<'listAudit' | 'listInstanceAudit'> = {
  listAudit: (call) => entriesOf(call.principal.projectId, call),
  listInstanceAudit: (call) => entriesOf(NO_PROJECT_ID, call),
};

async function entriesOf(
  projectId: string,
  { ports, query }: Pick<Call<'listAudit'>, 'ports' | 'query'>,
): Promise<Answer<'listAudit' | 'listInstanceAudit'>> {
  const { db } = ports.commands;
  const { format, limit, cursor, ...filter } = query;
  if (filter.from !== undefined && filter.to !== undefined && filter.to <= filter.from) {
    throw refusal([{ parameter: 'to', message: 'must be later than from' }]);
  }
  if (format !== 'json') {
    const text = exported(readAuditEntries(db, projectId, filter), format);
    return { body: [], stream: { type: types[format], text } };
  }
  const slice = await listAuditEntries(db, projectId, filter, { limit, after: auditCursor.read(cursor) });
  return { body: slice.items.map(auditAnswer), next: slice.next ? auditCursor.write(slice.next) : undefined };
}
