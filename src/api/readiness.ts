import type { Database } from '../store/database.js';
import { NODE_LOST_AFTER_MS, nodesSeenSince } from '../store/nodes.js';
import sql from 'sql-template-tag';

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
  const [database, temporal, worker] = await Promise.all([
    part('does not answer', async () => {
      await db.query(sql`select 1`);
      return undefined;
    }),
    part('does not answer', async () =>
      (await isTemporalReachable(ANSWER_WITHIN_MS)) ? undefined : 'does not answer',
    ),
    part('not known: the database does not answer', async () => workersMissing(db, now())),
  ]);
  return { server: { ok: true }, database, temporal, worker };
}

async function workersMissing(db: Database, now: number): Promise<string | undefined> {
  const nodes = await nodesSeenSince(db, now - NODE_LOST_AFTER_MS);
  const missing = (['scheduler', 'executor'] as const).filter(
    (role) => !nodes.some((node) => node.role === role || node.role === 'all'),
  );
  const seconds = NODE_LOST_AFTER_MS / 1_000;
  return missing.length === 0 ? undefined : `no ${missing.join(' and no ')} was seen in the last ${seconds} s`;
}

/** A part is fine when `check` finds nothing missing, in time. */
async function part(otherwise: string, check: () => Promise<string | undefined>): Promise<PartState> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<string>((resolve) => (timer = setTimeout(resolve, ANSWER_WITHIN_MS, otherwise)));
  try {
    const detail = await Promise.race([check(), tooLate]);
    return detail === undefined ? { ok: true } : { ok: false, detail };
  } catch {
    return { ok: false, detail: otherwise };
  } finally {
    clearTimeout(timer);
  }
}
