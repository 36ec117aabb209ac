import sql from 'sql-template-tag';
import { eventually } from '../support/eventually.js';
import { someProvider, startTestApi, type Answer, type CallOptions, type TestApi } from './support.js';

/** Where the requests of `send` come from. */
export const ADDRESS = '203.0.113.7';

/** An entry of the audit trail, as the database holds it. */
interface Row {
  project_id: string;
  actor: string | null;
  action: string;
  target_kind: string | null;
  target_id: string | null;
  outcome: string;
  code: string | null;
  address: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  suppressed: number;
}

export interface AuditedApi extends TestApi {
  /** The key of an admin of the instance. */
  readonly admin: string;
  /** Sends a request from elsewhere, under an id of its own; the admin's when no key is given. */
  send(method: string, path: string, options?: CallOptions): Promise<{ answer: Answer; requestId: string }>;
  /** The entries of a request. */
  rowsOf(requestId: string): Promise<Row[]>;
  /** The one entry of a request, once it is there. */
  rowOf(requestId: string): Promise<Row>;
}

export async function startAuditedApi(): Promise<AuditedApi> {
  const api = await startTestApi({ trustedProxies: ['127.0.0.1'], oidc: () => someProvider });
  const admin = await api.makeKey('admin', { isInstanceAdmin: true });
  let requests = 0;
  const rowsOf = (requestId: string) => api.db.query<Row>(sql`select * from audit where request_id = ${requestId}`);
  return {
    ...api,
    admin,
    async send(method, path, options = {}) {
      const requestId = `audit-${(requests += 1)}`;
      const headers = { 'x-request-id': requestId, 'x-forwarded-for': ADDRESS, ...options.headers };
      return { answer: await api.call(method, path, { key: admin, ...options, headers }), requestId };
    },
    rowsOf,
    rowOf: (requestId) =>
      eventually(async () => {
        const rows = await rowsOf(requestId);
        const [row] = rows;
        if (!row || rows.length > 1) throw new Error(`${rows.length} entries of ${requestId}`);
        return row;
      }),
  };
}

/** The id of a written key. */
export const idOf = (key: string) => /^carillon_(\w+)\./.exec(key)?.[1] ?? '';
