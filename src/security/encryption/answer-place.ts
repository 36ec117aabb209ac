import { createHash } from 'node:crypto';
import type { CallId } from '../../store/idempotent-calls.js';
import type { Place } from './vault.js';

/** Where the answer of a call belongs. Its id is a hash: errors tell ids, and the key of a call is its sender's own. */
export function answerPlace({ projectId, principal, call, key }: CallId): Place {
  const id = createHash('sha256').update(`${principal}/${call} ${key}`).digest('base64url');
  return { projectId, kind: 'answer', id };
}
