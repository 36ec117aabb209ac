import { v7 as uuidv7 } from 'uuid';
import { AppError } from '../domain/errors.js';
import type { Role } from '../domain/permissions.js';
import {
  countMembers,
  deleteMember,
  insertMember,
  listMembers,
  lockMember,
  updateMemberRole,
  type MemberKind,
  type MemberRecord,
} from '../store/members.js';
import type { Queries } from '../store/database.js';
import type { Caller, CommandPorts } from './ports.js';

const MAX_MEMBERS = 1_000;

type MemberPorts = Pick<CommandPorts, 'db' | 'clock' | 'audit'>;

/** The members of the caller's project. */
export async function listProjectMembers({ db }: MemberPorts, { projectId }: Caller): Promise<MemberRecord[]> {
  return listMembers(db, projectId);
}

export interface MemberGiven {
  kind: MemberKind;
  /** The `sub` of a user, or the name of a group. */
  subject: string;
  role: Role;
}

/**
 * Gives a user or group a role in the caller's project. `issuer` is the provider that is configured.
 *
 * @throws AppError `conflict` when it is a member already, there are too many, or no provider is configured
 */
export async function addMember(
  { db, clock, audit }: MemberPorts,
  { projectId, actor }: Caller,
  { issuer, ...given }: MemberGiven & { issuer: string | undefined },
): Promise<MemberRecord> {
  if (issuer === undefined) {
    throw new AppError('conflict', 'No OIDC provider is set up (CARILLON_OIDC_ISSUER): whose user would it be?');
  }
  const member = { ...given, id: uuidv7(), issuer, createdAt: clock.now(), createdBy: actor };
  return db.transaction(async (tx) => {
    if ((await countMembers(tx, projectId)) >= MAX_MEMBERS) {
      throw new AppError('conflict', `The project has ${MAX_MEMBERS} members: use groups, or remove one first.`);
    }
    const added = await insertMember(tx, projectId, member);
    if (!added) throw new AppError('conflict', `This ${given.kind} is a member already.`);
    const { id, kind, role } = added;
    // Not whom: that is personal, and the entries are kept.
    audit?.note({ target: { kind: 'member', id }, after: { kind, role } });
    return added;
  });
}

/** @throws AppError `member_not_found` */
export async function changeMemberRole(
  { db, audit }: MemberPorts,
  { projectId }: Caller,
  memberId: string,
  role: Role,
): Promise<MemberRecord> {
  return db.transaction(async (tx) => {
    const member = await memberToChange(tx, projectId, memberId);
    await updateMemberRole(tx, projectId, memberId, role);
    audit?.note({ isUnchanged: member.role === role, before: { role: member.role }, after: { role } });
    return { ...member, role };
  });
}

/** @throws AppError `member_not_found` */
export async function removeMember(
  { db, audit }: MemberPorts,
  { projectId }: Caller,
  memberId: string,
): Promise<MemberRecord> {
  return db.transaction(async (tx) => {
    const member = await memberToChange(tx, projectId, memberId);
    await deleteMember(tx, projectId, memberId);
    const { kind, role } = member;
    audit?.note({ before: { kind, role } });
    return member;
  });
}

async function memberToChange(tx: Queries, projectId: string, memberId: string): Promise<MemberRecord> {
  const member = await lockMember(tx, projectId, memberId);
  if (!member) throw new AppError('member_not_found', `There is no member ${memberId}.`);
  return member;
}
