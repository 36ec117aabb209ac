/** Members: users and groups of the OIDC provider, and their roles in a project. */
import { z } from 'zod';
import { roles } from '../domain/permissions.js';
import { strict } from './values.js';

const SUBJECT_LENGTH = 255;

const role = z
  .enum(roles, `role must be one of ${roles.join(', ')}`)
  .describe('What the member may do in the project; who has several roles there has the highest.');

const kind = z
  .enum(['user', 'group'], 'kind must be user or group')
  .describe('`user`: one account of the provider; `group`: everybody whose tokens name the group.');

const subject = z
  .string({ error: ({ input }) => `subject ${input === undefined ? 'is missing' : 'must be a text'}` })
  .min(1, 'subject must not be empty')
  .max(SUBJECT_LENGTH, `subject must have at most ${SUBJECT_LENGTH} characters`)
  .normalize('NFC')
  .describe('Of a user the `sub` of its tokens; of a group its name in the groups claim. To the letter.');

export const MemberPath = z.strictObject({
  memberId: z.uuid('memberId must be a UUID').describe('The id of a membership, as the list of members has it.'),
});

export const MemberAnswer = z
  .object({
    memberId: z.uuid().describe('The id of the membership.'),
    kind,
    issuer: z.string().describe('The provider whose user or group this is, by its URL.'),
    subject,
    role,
    createdAt: z.iso.datetime().describe('When the member was added.'),
    createdBy: z.string().describe('The id of the key or user that added it.'),
  })
  .meta({ id: 'Member' });
export type MemberAnswer = z.output<typeof MemberAnswer>;

export const AddMember = z
  .strictObject({ kind, subject, role }, strict)
  .meta({ id: 'AddMember', description: 'A user or group of the OIDC provider that is configured.' });
export type AddMember = z.output<typeof AddMember>;

export const ChangeMember = z.strictObject({ role }, strict).meta({ id: 'ChangeMember' });
export type ChangeMember = z.output<typeof ChangeMember>;
