import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import sql from 'sql-template-tag';
import { makeApiKey, writeApiKey } from '../../src/security/api-key.js';
import { openDatabase, type Database } from '../../src/store/database.js';
import { createTestDatabase } from '../support/database.js';
import { startEntry, type Entry } from '../support/entries.js';
import { createTestTemporal } from '../support/temporal.js';

/** A request that a run sent, and that waits for its answer. */
export interface HeldCall {
  attempt: string;
  runId: string;
  answer(): void;
}

export interface RunRow {
  id: string;
  outcome: string;
  attempts: number;
  node: string;
}

/** One API and any number of workers, as processes; their jobs call a sink that answers when the test says so. */
export interface Cluster {
  readonly calls: HeldCall[];
  readonly db: Database;
  worker(env?: Record<string, string>): Promise<Entry & { node: string }>;
  /** Submits a one-time job that is due now and calls the sink. */
  submit(fields?: Record<string, unknown>): Promise<string>;
  call(method: string, path: string, body?: unknown): Promise<unknown>;
  runs(jobIds: readonly string[]): Promise<RunRow[]>;
  close(): Promise<void>;
}

export async function startCluster(env: Record<string, string> = {}): Promise<Cluster> {
  const [database, temporal] = await Promise.all([createTestDatabase(), createTestTemporal()]);
  const db = openDatabase({ url: database.url, maxConnections: 2, applicationName: 'test' });
  const calls: HeldCall[] = [];
  const sink = await startSink(calls);
  const sinkPort = (sink.address() as AddressInfo).port;
  const key = writeApiKey(makeApiKey());
  const entries: Entry[] = [];
  const start = (entry: 'server' | 'worker', given: Record<string, string>): Entry => {
    const started = startEntry(entry, {
      DATABASE_URL: database.url,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
      CARILLON_HTTP_ALLOW: `127.0.0.1:${sinkPort}`,
      // All runs call one host.
      CARILLON_HTTP_HOST_CONCURRENCY: '100',
      CARILLON_SHUTDOWN_GRACE: 'PT1S',
      // A busy machine is no reason for a test to wait.
      CARILLON_MAX_CPU: '100',
      ...env,
      ...given,
    });
    entries.push(started);
    return started;
  };
  const api = start('server', { PORT: '0', CARILLON_ADMIN_KEY: key });
  const { url } = await api.says('the API is listening');

  const cluster: Cluster = {
    calls,
    db,
    async worker(given = {}) {
      const entry = start('worker', given);
      const { node } = await entry.says('the worker is at work');
      return { ...entry, node: String(node) };
    },
    async call(method, path, body) {
      const response = await fetch(`${String(url)}${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
      return response.json();
    },
    async submit(fields = {}) {
      const { jobId } = (await cluster.call('POST', '/api/jobs', {
        ...{ jobName: 'call', jobType: 'one-time', executionTime: 'now', handler: 'http' },
        payload: { url: `http://127.0.0.1:${sinkPort}/` },
        ...fields,
      })) as { jobId: string };
      return jobId;
    },
    runs: (jobIds) =>
      db.query<RunRow>(sql`select id, outcome, attempts, node from runs where job_id = any(${jobIds}::uuid[])`),
    async close() {
      const alive = entries.filter(({ child }) => child.exitCode === null && child.signalCode === null);
      await Promise.all(alive.map((entry) => entry.kill('SIGKILL')));
      sink.closeAllConnections();
      sink.close();
      await db.close();
      await database.drop();
    },
  };
  return cluster;
}

async function startSink(calls: HeldCall[]): Promise<Server> {
  const sink = createServer((request: IncomingMessage, response: ServerResponse) => {
    const header = (name: string) => String(request.headers[name]);
    const answer = () => void response.end('ok');
    calls.push({ attempt: header('x-carillon-attempt'), runId: header('x-carillon-run-id'), answer });
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  return sink;
}
