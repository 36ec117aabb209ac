import pg from 'pg';
import { SECOND } from '../shared/duration.js';
import { untilAborted } from '../shared/until-aborted.js';
import type { SqlConnection } from './connections.js';
import { withTls } from './tls.js';

const CONNECT_TIMEOUT_MS = 10 * SECOND;
/** How long a connection is kept for the next run. */
const IDLE_TIMEOUT_MS = 10 * SECOND;
const DEFAULT_MAX_CONNECTIONS = 2;

/** Connections to the databases in use, a few to each. */
export interface Pools {
  /** Waits for a free connection, as long as `signal` allows. Give it back by `release()`, or `release(true)` to end it. */
  connect(to: SqlConnection, signal: AbortSignal): Promise<pg.PoolClient>;
  /** Ends the idle connections now, and the others when they are given back. */
  close(): Promise<void>;
}

export function createPools(): Pools {
  const pools = new Map<string, pg.Pool>();
  const poolOf = (to: SqlConnection): pg.Pool => {
    const key = JSON.stringify([to.url, to.maxConnections]);
    const pool = pools.get(key) ?? poolFor(to);
    pools.set(key, pool);
    return pool;
  };
  return {
    async connect(to, signal) {
      signal.throwIfAborted();
      const connecting = poolOf(to).connect();
      try {
        return await untilAborted(signal, connecting);
      } catch (error) {
        // A connection that comes after all is the next run's.
        void connecting.then((late) => late.release()).catch(() => undefined);
        throw error;
      }
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.end()));
      pools.clear();
    },
  };
}

function poolFor(to: SqlConnection): pg.Pool {
  // The pool's own time limit would count the wait for a free connection too: that is for the run's timeout to end.
  const Client = class extends pg.Client {
    constructor() {
      super(clientConfig(to, CONNECT_TIMEOUT_MS));
    }
  };
  const pool = new pg.Pool({
    Client,
    max: to.maxConnections ?? DEFAULT_MAX_CONNECTIONS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    allowExitOnIdle: true,
  });
  // An idle connection that the server ends is no failure of anything; the pool has dropped it.
  pool.on('error', () => undefined);
  return pool;
}

/** How one connection is made. */
export const clientConfig = (to: SqlConnection, connectTimeoutMs: number): pg.ClientConfig => ({
  connectionString: withTls(to.url),
  application_name: 'carillon',
  connectionTimeoutMillis: connectTimeoutMs,
  keepAlive: true,
});
