import { addMember, changeMemberRole, listProjectMembers, removeMember } from '../../commands/index.js';
import type { MemberAnswer } from '../../contract/members.js';
import type { MemberRecord } from '../../store/members.js';
import type { Routes } from '../calls.js';
import { at } from '../present.js';

type Names = 'listMembers' | 'addMember' | 'changeMember' | 'removeMember';

/** The users and groups of a project. */
export const memberRoutes: Routes<Names> = {
  async listMembers({ ports, caller }) {
    return { body: (await listProjectMembers(ports.commands, caller)).map(memberAnswer) };
  },

  async addMember({ ports, caller, body }) {
    const { issuer } = ports.authenticator;
    const member = await addMember(ports.commands, caller, { ...body, issuer });
    ports.authenticator.forgetMembers();
    return { body: memberAnswer(member) };
  },

  async changeMember({ ports, caller, params, body }) {
    const member = await changeMemberRole(ports.commands, caller, params.memberId, body.role);
    ports.authenticator.forgetMembers();
    return { body: memberAnswer(member) };
  },

  async removeMember({ ports, caller, params }) {
    const member = await removeMember(ports.commands, caller, params.memberId);
    ports.authenticator.forgetMembers();
    return { body: memberAnswer(member) };
  },
};

function memberAnswer({ id, kind, issuer, subject, role, createdAt, createdBy }: MemberRecord): MemberAnswer {
  return { memberId: id, kind, issuer, subject, role, createdAt: at(createdAt), createdBy };
}
