import { AuditEntry, ListAuditQuery } from '../audit.js';
import type { Endpoint } from '../endpoint.js';

const ok = {
  status: 200,
  schema: AuditEntry.array(),
  texts: {
    'application/x-ndjson': '{"at":"2026-12-01T09:30:00.000Z","actor":"k3m5n7p2q4r6s2t4","action":"cancelJob"}\n',
    'text/csv': 'at,actor,action\r\n2026-12-01T09:30:00.000Z,k3m5n7p2q4r6s2t4,cancelJob\r\n',
  },
  headers: ['Link'],
} as const satisfies Endpoint['ok'];

/** The endpoints of the audit trail. */
export const auditEndpoints = {
  listAudit: {
    method: 'get',
    path: '/api/audit',
    permission: 'audit:read',
    summary: 'Who changed what, and who was refused, newest first',
    query: ListAuditQuery,
    ok,
    examples: {
      answer: [
        {
          at: '2026-12-01T09:30:00.000Z',
          actor: 'k3m5n7p2q4r6s2t4',
          action: 'updateJob',
          target: { kind: 'job', id: '0198c0de-7a1b-7c3d-8e4f-000000000001' },
          outcome: 'done',
          address: '203.0.113.7',
          requestId: 'req-4711',
          before: { priority: 'medium' },
          after: { priority: 'high', payload: 'changed' },
          projectId: '0198c0de-7a1b-7c3d-8e4f-000000000003',
          seq: 812,
          hash: 'a3f0'.repeat(16),
        },
      ],
    },
  },
  listInstanceAudit: {
    method: 'get',
    path: '/api/audit/instance',
    permission: 'instance:manage',
    summary: 'What belongs to no project: sign-ins, sign-outs, and the refusals of those who were not let in',
    query: ListAuditQuery,
    ok,
    examples: {
      answer: [
        {
          at: '2026-12-01T09:30:00.000Z',
          action: 'submitJob',
          outcome: 'refused',
          code: 'unauthenticated',
          address: '203.0.113.7',
          requestId: 'req-4712',
          suppressed: 41,
        },
      ],
    },
  },
} as const satisfies Record<string, Endpoint>;
