import type { Endpoint } from '../endpoint.js';
import { AddMember, ChangeMember, MemberAnswer, MemberPath } from '../members.js';

const member = {
  memberId: '0198c0de-7a1b-7c3d-8e4f-000000000011',
  kind: 'group',
  issuer: 'https://login.example.com/realms/main',
  subject: 'billing-team',
  role: 'operator',
  createdAt: '2026-12-01T09:00:00.000Z',
  createdBy: 'a2b3c4d5e6f7g2h3',
};

/** The endpoints of a project's members. */
export const memberEndpoints = {
  listMembers: {
    method: 'get',
    path: '/api/members',
    permission: 'member:manage',
    summary: 'The members of the project: users, then groups',
    ok: { status: 200, schema: MemberAnswer.array() },
    examples: { answer: [member] },
  },
  addMember: {
    method: 'post',
    path: '/api/members',
    permission: 'member:manage',
    summary: 'Give a user or group of the OIDC provider a role in the project',
    body: AddMember,
    ok: { status: 201, schema: MemberAnswer },
    refusals: ['conflict'],
    examples: { body: { kind: 'group', subject: 'billing-team', role: 'operator' }, answer: member },
  },
  changeMember: {
    method: 'put',
    path: '/api/members/:memberId',
    permission: 'member:manage',
    summary: 'Give a member another role',
    params: MemberPath,
    body: ChangeMember,
    ok: { status: 200, schema: MemberAnswer },
    refusals: ['member_not_found'],
    examples: { body: { role: 'viewer' }, answer: { ...member, role: 'viewer' } },
  },
  removeMember: {
    method: 'delete',
    path: '/api/members/:memberId',
    permission: 'member:manage',
    summary: 'Take a member out of the project',
    params: MemberPath,
    ok: { status: 200, schema: MemberAnswer },
    refusals: ['member_not_found'],
    examples: { answer: member },
  },
} as const satisfies Record<string, Endpoint>;
