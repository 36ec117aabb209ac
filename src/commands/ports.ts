import type { Role } from '../domain/permissions.js';
import type { HandlerDefinition } from '../handlers/handler.js';
import type { Clock } from '../platform/clock.js';
import type { Vault } from '../security/encryption/vault.js';
import type { Transactional } from '../store/database.js';
import type { Actor } from '../store/events.js';
import type { AuditDraft } from './audit.js';

/** What the commands need of the world. */
export interface CommandPorts {
  readonly db: Transactional;
  readonly clock: Pick<Clock, 'now'>;
  /** Seals and opens what only some may read. */
  readonly vault: Vault;
  /** The handlers that a job may name. */
  readonly definitions: ReadonlyMap<string, HandlerDefinition>;
  /** The names of those that there are, too, and the operator does not allow. */
  readonly notAllowed?: ReadonlySet<string>;
  /** Called after each commit that leaves something to dispatch. */
  readonly onCommitted: () => void;
  /** Told what a command changes; nobody is when it is left out. */
  readonly audit?: AuditDraft;
}

/** Who commands, and in which project: another project's job does not exist for them. */
export interface Caller {
  readonly projectId: string;
  readonly actor: Actor;
  /** What they may do beyond the call itself; nothing when left out. */
  readonly role?: Role;
  readonly isInstanceAdmin?: boolean;
}
