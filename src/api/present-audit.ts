import type { AuditEntry } from '../contract/audit.js';
import { NO_PROJECT_ID } from '../domain/ids.js';
import type { AuditRecord } from '../store/audit.js';
import { at, optional } from './present.js';

export function auditAnswer(entry: AuditRecord): AuditEntry {
  return {
    at: at(entry.at),
    ...optional('actor', entry.actor),
    action: entry.action,
    ...optional('target', entry.target),
    outcome: entry.outcome,
    ...optional('code', entry.code),
    address: entry.address,
    requestId: entry.requestId,
    ...optional('before', entry.before),
    ...optional('after', entry.after),
    ...(entry.suppressed > 0 && { suppressed: entry.suppressed }),
    ...(entry.projectId !== NO_PROJECT_ID && { projectId: entry.projectId }),
    ...optional('seq', entry.seq),
    ...optional('hash', entry.hash && entry.hash.toString('hex')),
  };
}

const columns = [
  ...['at', 'actor', 'action', 'targetKind', 'targetId', 'outcome', 'code', 'address', 'requestId'],
  ...['before', 'after', 'suppressed', 'projectId', 'seq', 'hash'],
] as const;

/** Entries as an export has them: `ndjson` an object a line, `csv` as RFC 4180 writes it. */
export async function* exported(pages: AsyncIterable<AuditRecord[]>, format: 'ndjson' | 'csv'): AsyncGenerator<string> {
  if (format === 'csv') yield `${columns.join(',')}\r\n`;
  for await (const page of pages) {
    const lines = page.map((entry) => {
      const answer = auditAnswer(entry);
      return format === 'csv' ? `${csvLine(answer)}\r\n` : `${JSON.stringify(answer)}\n`;
    });
    yield lines.join('');
  }
}

function csvLine({ target, before, after, ...rest }: AuditEntry): string {
  const cells: Record<string, unknown> = {
    ...rest,
    targetKind: target?.kind,
    targetId: target?.id,
    before: before && JSON.stringify(before),
    after: after && JSON.stringify(after),
  };
  return columns.map((column) => cell(cells[column])).join(',');
}

function cell(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return '';
  // Spreadsheets run what begins like a formula, and callers choose the ids of their requests.
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
