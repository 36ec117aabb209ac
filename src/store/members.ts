import sql from 'sql-template-tag';
import type { Role } from '../domain/permissions.js';
import type { Queries } from './database.js';
import { toTimestamp } from './instants.js';
import type { Account } from './users.js';

export type MemberKind = 'user' | 'group';

/** A membership as stored. `createdAt` is in epoch milliseconds. */
export interface MemberRecord {
  id: string;
  kind: MemberKind;
  issuer: string;
  /** The `sub` of a user, or the name of a group. */
  subject: string;
  role: Role;
  createdAt: number;
  createdBy: string;
}

interface MemberRow {
  id: string;
  kind: MemberKind;
  issuer: string;
  subject: string;
  role: Role;
  created_at: Date;
  created_by: string;
}
const columns = sql`id, kind, issuer, subject, role, created_at, created_by`;

/** The members of a project: users, then groups. */
export async function listMembers(db: Queries, projectId: string): Promise<MemberRecord[]> {
  const rows = await db.query<MemberRow>(
    sql`select ${columns} from members where project_id = ${projectId} order by kind, subject, id`,
  );
  return rows.map(toRecord);
}

/** How many members a project has; nobody else makes one until the transaction ends. */
export async function countMembers(tx: Queries, projectId: string): Promise<number> {
  await tx.query(sql`select 1 from projects where id = ${projectId} for no key update`);
  const [row] = await tx.query<{ count: number }>(
    sql`select count(*)::int as count from members where project_id = ${projectId}`,
  );
  return row?.count ?? 0;
}

/** Adds a member, unless it is one already: then undefined. */
export async function insertMember(
  tx: Queries,
  projectId: string,
  member: MemberRecord,
): Promise<MemberRecord | undefined> {
  const [row] = await tx.query<MemberRow>(
    sql`insert into members (id, project_id, kind, issuer, subject, role, created_at, created_by)
      values (${member.id}, ${projectId}, ${member.kind}::member_kind, ${member.issuer}, ${member.subject}, ${member.role},
        ${toTimestamp(member.createdAt)}, ${member.createdBy})
      on conflict (issuer, kind, subject, project_id) do nothing returning ${columns}`,
  );
  return row && toRecord(row);
}

/** A member of a project; nobody else changes it until the transaction ends. */
export async function lockMember(tx: Queries, projectId: string, id: string): Promise<MemberRecord | undefined> {
  const [row] = await tx.query<MemberRow>(
    sql`select ${columns} from members where id = ${id} and project_id = ${projectId} for update`,
  );
  return row && toRecord(row);
}

export async function updateMemberRole(tx: Queries, projectId: string, id: string, role: Role): Promise<void> {
  await tx.query(sql`update members set role = ${role} where id = ${id} and project_id = ${projectId}`);
}

export async function deleteMember(tx: Queries, projectId: string, id: string): Promise<void> {
  await tx.query(sql`delete from members where id = ${id} and project_id = ${projectId}`);
}

/** A project with all the roles that somebody has there. */
export interface ProjectRoles {
  projectId: string;
  slug: string;
  name: string;
  roles: string[];
}

/** The projects that an account has a part in, by itself or by one of its groups, by slug. */
export async function readProjectRoles(
  db: Queries,
  { issuer, subject }: Account,
  groups: readonly string[],
): Promise<ProjectRoles[]> {
  return db.query<ProjectRoles & { projectId: string }>(
    sql`select p.id as "projectId", p.slug, p.name, array_agg(m.role) as roles
      from members m join projects p on p.id = m.project_id
      where m.issuer = ${issuer}
        and ((m.kind = 'user' and m.subject = ${subject}) or (m.kind = 'group' and m.subject = any(${groups}::text[])))
      group by p.id order by p.slug`,
    'read-project-roles',
  );
}

function toRecord(row: MemberRow): MemberRecord {
  const { id, kind, issuer, subject, role } = row;
  return { id, kind, issuer, subject, role, createdAt: row.created_at.getTime(), createdBy: row.created_by };
}
