import type { ErrorRequestHandler, Request, Response } from 'express';
import { LRUCache } from 'lru-cache';
import { AppError, errorCodes, type ErrorCode } from '../../domain/errors.js';
import { NO_PROJECT_ID } from '../../domain/ids.js';
import { insertAuditEntry } from '../../store/audit.js';
import { changeAskedFor, type ChangeAskedFor } from '../audit-entries.js';
import { callerOfAddress } from '../client-address.js';
import type { ApiPorts } from '../ports.js';
import { projectToTell } from '../project-choice.js';

/** What a refusal is; anything else is a request that could not be read, or Carillon's own failure. */
const refusals: ReadonlySet<number> = new Set([401, 403, 404, 409, 412, 422, 429]);

const WINDOW_MS = 60_000;
/** The most entries in a window of an address, and of a principal. */
const MOST_OF_ONE = 60;
/** The most in a window of all that were not let in: somebody with many addresses must not fill the disk. */
const MOST_OF_UNKNOWN = 600;
const MOST_KNOWN = 10_000;

/** Writes a refusal into the audit trail, after its answer: a refusal costs its caller nothing and never fails by it. */
export type NoteRefusal = (req: Request, res: Response, code: ErrorCode, asked: ChangeAskedFor) => void;

export function createRefusals({ commands, logger }: Pick<ApiPorts, 'commands' | 'logger'>): NoteRefusal {
  const { db, clock } = commands;
  const counts = createCounts();
  const write = async (req: Request, res: Response, code: ErrorCode, asked: ChangeAskedFor) => {
    const { identity, address, requestId } = res.locals.context;
    const suppressed = counts.take(clock.now(), [
      { key: `address ${callerOfAddress(address)}`, most: MOST_OF_ONE },
      identity ? { key: `principal ${identity.id}`, most: MOST_OF_ONE } : { key: 'unknown', most: MOST_OF_UNKNOWN },
    ]);
    if (suppressed === undefined) return;
    const projectId = (identity && projectToTell(req, identity)) ?? NO_PROJECT_ID;
    await insertAuditEntry(db, {
      ...{ projectId, at: clock.now(), actor: identity?.id ?? null },
      ...{ ...asked, outcome: 'refused', code, address, requestId, before: null, after: null, suppressed },
    });
  };
  const failed = (failure: unknown) =>
    logger.warn({ err: failure }, 'a refusal could not be written into the audit trail');
  return (req, res, code, asked) => void res.once('close', () => void write(req, res, code, asked).catch(failed));
}

/** Writes the refusals of changes into the audit trail. */
export function auditRefusals(note: NoteRefusal): ErrorRequestHandler {
  return (thrown, req, res, next) => {
    const isRefusal = thrown instanceof AppError && refusals.has(errorCodes[thrown.code].status);
    const asked = isRefusal ? changeAskedFor(req.method, req.path) : undefined;
    if (isRefusal && asked) note(req, res, thrown.code, asked);
    next(thrown);
  };
}

/** Counts in windows. One that is left out is counted where there was no room for it. */
function createCounts() {
  const counts = new LRUCache<string, { startedAt: number; written: number; suppressed: number }>({ max: MOST_KNOWN });
  const of = (key: string, now: number) => {
    const count = counts.get(key) ?? { startedAt: now, written: 0, suppressed: 0 };
    if (now - count.startedAt >= WINDOW_MS) Object.assign(count, { startedAt: now, written: 0 });
    counts.set(key, count);
    return count;
  };
  return {
    /** How many were left out since the last one that was written; undefined: leave this one out, too. */
    take(now: number, limits: readonly { key: string; most: number }[]): number | undefined {
      const all = limits.map(({ key, most }) => ({ most, count: of(key, now) }));
      const full = all.find(({ most, count }) => count.written >= most);
      if (full) {
        full.count.suppressed += 1;
        return undefined;
      }
      let suppressed = 0;
      for (const { count } of all) {
        suppressed += count.suppressed;
        count.written += 1;
        count.suppressed = 0;
      }
      return suppressed;
    },
  };
}
