/** Members: users and groups of the OIDC provider, and their roles in a project. */
import { z } from 'zod';
import { roles } from '../domain/permissions.js';
import { at, id, text } from './answers/fields.js';
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
  .meta({
    description: 'Of a user the `sub` of its tokens; of a group its name in the groups claim. To the letter.',
    examples: ['billing-team'],
  });

export const MemberPath = z.strictObject({
  memberId: z.uuid('memberId must be a UUID').meta({
    description: 'The id of a membership, as the list of members has it.',
    examples: ['0198c0de-7a1b-7c3d-8e4f-000000000011'],
  }),
});

export const MemberAnswer = z
  .object({
    memberId: id('The id of the membership.'),
    kind,
    issuer: text('The provider whose user or group this is, by its URL.', 'https://login.example.com/realms/main'),
    subject,
    role,
    createdAt: at('When the member was added.'),
    createdBy: text('The id of the key or user that added it.', 'a2b3c4d5e6f7g2h3'),
  })
  .meta({ id: 'Member' });
export type MemberAnswer = z.output<typeof MemberAnswer>;

export const AddMember = z
  .strictObject({ kind, subject, role }, strict)
  .meta({ id: 'AddMember', description: 'A user or group of the OIDC provider that is configured.' });
export type AddMember = z.output<typeof AddMember>;

export const ChangeMember = z.strictObject({ role }, strict).meta({ id: 'ChangeMember' });
export type ChangeMember = z.output<typeof ChangeMember>;
