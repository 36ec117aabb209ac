/** What the audit trail tells of. */

/** What a call is about. */
export const auditTargets = ['job', 'run', 'calendar', 'key', 'signing_key', 'member', 'project'] as const;
export type AuditTargetKind = (typeof auditTargets)[number];

export interface AuditTarget {
  kind: AuditTargetKind;
  id: string;
}

/** `done`: it was changed, in the transaction that wrote the row. `refused`: the API refused to. */
export const auditOutcomes = ['done', 'refused'] as const;
export type AuditOutcome = (typeof auditOutcomes)[number];

/** Fields by their public names. */
export type AuditFields = Readonly<Record<string, unknown>>;

/** Stands for what changed and is not told: payloads and secrets, and what is too large. */
export const NOT_TOLD = 'changed';
/** The most characters of one field, as JSON. */
const MOST_CHARACTERS = 4_096;

/** Of fields as they were and as they are, those that differ. */
export function changedFields(before: AuditFields, after: AuditFields): { before: AuditFields; after: AuditFields } {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  return { before: pick(before, names), after: pick(after, names) };
}

function pick(fields: AuditFields, names: readonly string[]): AuditFields {
  const told = names.filter((name) => fields[name] !== undefined && fields[name] !== null);
  return Object.fromEntries(told.map((name) => [name, bounded(fields[name])]));
}

function bounded(value: unknown): unknown {
  return JSON.stringify(value).length > MOST_CHARACTERS ? NOT_TOLD : value;
}
