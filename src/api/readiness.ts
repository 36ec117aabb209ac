import type { Database } from '../store/database.js';
import { NODE_LOST_AFTER_MS, rolesSeenSince } from '../store/nodes.js';

/** Whether a part can be used; `detail` says what is missing. */
export interface PartState {
  readonly ok: boolean;
  readonly detail?: string;
}

export interface ReadinessReport {
  readonly ready: boolean;
  readonly parts: Readonly<Record<'server' | 'database' | 'temporal' | 'worker', PartState>>;
}

/** Tells whether jobs that come in now will run. */
export interface Readiness {
  report(): Promise<ReadinessReport>;
  /** From now on not ready: the process is about to stop. */
  stopping(): void;
}

export interface ReadinessOptions {
  db: Database;
  now: () => number;
  isTemporalReachable: (withinMs: number) => Promise<boolean>;
}

/** Kubernetes waits for a probe's answer for 1 s when it is not told otherwise. All parts are looked at together. */
const ANSWER_WITHIN_MS = 700;
/** Anybody may ask: so often the parts are really looked at. */
const REPORT_TTL_MS = 1_000;

export function createReadiness(options: ReadinessOptions): Readiness {
  let stopping = false;
  let latest: { at: number; report: Promise<ReadinessReport['parts']> } | undefined;

  return {
    async report() {
      const at = performance.now();
      if (!latest || at - latest.at > REPORT_TTL_MS) latest = { at, report: lookAtParts(options) };
      const parts = { ...(await latest.report), ...(stopping && { server: { ok: false, detail: 'stopping' } }) };
      return { ready: Object.values(parts).every((one) => one.ok), parts };
    },
    stopping() {
      stopping = true;
    },
  };
}

async function lookAtParts({ db, now, isTemporalReachable }: ReadinessOptions): Promise<ReadinessReport['parts']> {
  // One question to the database tells of both: two could be answered differently.
  const [roles, isReachable] = await Promise.all([
    inTime(() => rolesSeenSince(db, now() - NODE_LOST_AFTER_MS)),
    inTime(() => isTemporalReachable(ANSWER_WITHIN_MS)),
  ]);
  return {
    server: { ok: true },
    database: roles ? { ok: true } : { ok: false, detail: 'does not answer' },
    temporal: isReachable ? { ok: true } : { ok: false, detail: 'does not answer' },
    worker: roles ? workerState(roles) : { ok: false, detail: 'not known: the database does not answer' },
  };
}

function workerState(roles: ReadonlySet<string>): PartState {
  const missing = (['scheduler', 'executor'] as const).filter((role) => !roles.has(role) && !roles.has('all'));
  const seconds = NODE_LOST_AFTER_MS / 1_000;
  const detail = `no ${missing.join(' and no ')} was seen in the last ${seconds} s`;
  return missing.length === 0 ? { ok: true } : { ok: false, detail };
}

/** What a part answers; undefined when it fails, or does not answer in time. */
async function inTime<Answer>(ask: () => Promise<Answer>): Promise<Answer | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ANSWER_WITHIN_MS);
  });
  try {
    return await Promise.race([ask(), tooLate]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
