import type { AuditDraft, AuditNotes, CommandPorts } from '../commands/index.js';
import type { Endpoint } from '../contract/endpoint.js';
import { endpoints, type EndpointName } from '../contract/endpoints.js';
import type { AuditTarget, AuditTargetKind } from '../domain/audit.js';
import { NO_PROJECT_ID } from '../domain/ids.js';
import { insertAuditEntry, type AuditEntry } from '../store/audit.js';
import { audited } from '../store/audited.js';
import type { Queries } from '../store/database.js';
import type { Doer } from '../security/principals.js';
import { allowedMethods } from './allowed-methods.js';
import type { RequestContext } from './context.js';

/** Whether calls of an endpoint, and their refusals, are in the audit trail. */
export function changesSomething({ method, changesNothing = false }: Endpoint): boolean {
  return method !== 'get' && !changesNothing;
}

/** The entry of a call, which the commands add to until the change commits. */
export function draftEntry(
  action: EndpointName,
  params: unknown,
  { address, requestId }: RequestContext,
  { actor, projectId = NO_PROJECT_ID }: Doer,
): { auditing(commands: CommandPorts): CommandPorts } {
  const target = targetOf(params);
  return {
    auditing(commands) {
      let notes: AuditNotes = { ...(target && { target }) };
      const entryOf = (told: AuditNotes): AuditEntry => ({
        ...{ projectId: told.projectId ?? projectId, at: commands.clock.now(), actor, action },
        ...{ target: told.target ?? null, outcome: 'done', code: null, address, requestId, suppressed: 0 },
        ...{ before: told.before ?? null, after: told.after ?? null },
      });
      const db = audited(commands.db, async (tx) => {
        if (notes.isUnchanged) return false;
        await insertAuditEntry(tx, entryOf(notes));
        return true;
      });
      const audit: AuditDraft = {
        note: (more) => void (notes = { ...notes, ...more }),
        alone: (more) => ({ db: commands.db, entry: entryOf({ ...notes, ...more }) }),
      };
      return { ...commands, db, audit };
    },
  };
}

const kinds: Readonly<Record<string, AuditTargetKind>> = {
  jobId: 'job',
  runId: 'run',
  calendar: 'calendar',
  keyId: 'key',
  memberId: 'member',
  projectId: 'project',
};

/** What a call is about: what the last parameter of its path names. */
function targetOf(params: unknown): AuditTarget | null {
  const [name, id] = Object.entries(params ?? {}).at(-1) ?? [];
  const kind = name === undefined ? undefined : kinds[name];
  return kind === undefined ? null : { kind, id: String(id) };
}

const changing = Object.entries<Endpoint>(endpoints).filter(([, endpoint]) => changesSomething(endpoint));

/** What changes something beside the calls of the table: a browser's session begins, or ends. */
export type SessionAction = 'signIn' | 'signOut';

/** Writes down that a user signed in or out: in the transaction of that, and in no project. */
export function sessionEntry(
  action: SessionAction,
  { address, requestId }: RequestContext,
  now: number,
): (tx: Queries, userId: string) => Promise<void> {
  return (tx, userId) =>
    insertAuditEntry(tx, {
      ...{ projectId: NO_PROJECT_ID, at: now, actor: userId, action, target: null, outcome: 'done', code: null },
      ...{ address, requestId, before: null, after: null, suppressed: 0 },
    });
}

/** A change that somebody asks for. */
export interface ChangeAskedFor {
  action: EndpointName | SessionAction;
  target: AuditTarget | null;
}

/** The change that a request asks for, also one that got nowhere near its endpoint; undefined when it asks for none. */
export function changeAskedFor(method: string, path: string): ChangeAskedFor | undefined {
  const template = allowedMethods(path)?.path;
  const found = changing.find(([, one]) => one.path === template && one.method === method.toLowerCase());
  if (!found) return undefined;
  const [action, endpoint] = found;
  // What is no valid id is nothing to keep: anybody may have written anything there.
  const params = endpoint.params?.safeParse(paramsOf(endpoint.path, path));
  return { action: action as EndpointName, target: params?.success ? targetOf(params.data) : null };
}

function paramsOf(template: string, path: string): Record<string, string> {
  const segments = path.split('/');
  const named = template.split('/').flatMap((part, place): [string, string][] => {
    return part.startsWith(':') ? [[part.slice(1), decoded(segments[place] ?? '')]] : [];
  });
  return Object.fromEntries(named);
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return '';
  }
}
