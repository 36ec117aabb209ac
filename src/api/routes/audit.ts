import { AppError } from '../../domain/errors.js';
import { NO_PROJECT_ID } from '../../domain/ids.js';
import { listAuditEntries, readAuditEntries } from '../../store/audit.js';
import type { Routes } from '../calls.js';
import { cursorOf } from '../cursors.js';
import { auditPosition } from '../positions.js';
import { auditAnswer, exported } from '../present-audit.js';
import { refusal } from '../validation.js';

const auditCursor = cursorOf('audit', auditPosition);
const types = { ndjson: 'application/x-ndjson; charset=utf-8', csv: 'text/csv; charset=utf-8' } as const;

export const auditRoutes: Routes<'listAudit'> = {
  async listAudit({ ports, principal, query }) {
    const { db } = ports.commands;
    const { scope, format, limit, cursor, ...filter } = query;
    if (filter.from !== undefined && filter.to !== undefined && filter.to <= filter.from) {
      throw refusal([{ parameter: 'to', message: 'must be later than from' }]);
    }
    if (scope === 'instance' && !principal.isInstanceAdmin) {
      throw new AppError(
        'forbidden',
        'scope=instance needs the permission instance:manage; the key is no instance admin.',
      );
    }
    const projectId = scope === 'instance' ? NO_PROJECT_ID : principal.projectId;
    if (format !== 'json') {
      const text = exported(readAuditEntries(db, projectId, filter), format);
      return { body: [], stream: { type: types[format], text } };
    }
    const slice = await listAuditEntries(db, projectId, filter, { limit, after: auditCursor.read(cursor) });
    return { body: slice.items.map(auditAnswer), next: slice.next ? auditCursor.write(slice.next) : undefined };
  },
};
