import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { Pool } from 'undici';

/** The project's folder, from `.cache/bench/support/`. */
export const projectRoot = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

/** A data folder and the ports that `npm start` is to use; all of it is gone after the benchmarks. */
export interface Place {
  readonly dataDir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly apiUrl: string;
  readonly temporalAddress: string;
  databaseUrl(): string;
  remove(): void;
}

export async function newPlace(): Promise<Place> {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'carillon-bench-'));
  // The account that Postgres runs as, when we are root, must get in.
  chmodSync(dataDir, 0o711);
  const [api, temporal, ui, postgres] = await freePorts(4);
  return {
    dataDir,
    env: {
      // Of ours only what finds programs: the settings of `npm run bench` are not for it.
      ...{ PATH: process.env['PATH'], HOME: process.env['HOME'], CARILLON_DATA_DIR: dataDir },
      ...{ PORT: api, TEMPORAL_PORT: temporal, TEMPORAL_UI_PORT: ui, POSTGRES_PORT: postgres },
      CARILLON_HTTP_ALLOW: '127.0.0.0/8',
      // One caller sends it all.
      ...{ CARILLON_RATE_LIMIT: '0', CARILLON_RATE_LIMIT_ADDRESS: '0' },
    },
    apiUrl: `http://127.0.0.1:${api}`,
    temporalAddress: `127.0.0.1:${temporal}`,
    databaseUrl() {
      const password = readFileSync(path.join(dataDir, 'postgres/password'), 'utf8');
      return `postgresql://carillon:${encodeURIComponent(password)}@127.0.0.1:${postgres}/carillon`;
    },
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}

/** Carillon as `npm start` makes it. */
export interface Started {
  readonly pid: number;
  /** From the command to the line that says it is ready, in milliseconds. */
  readonly tookMs: number;
  stop(): Promise<void>;
}

export async function npmStart(place: Place): Promise<Started> {
  const startedAt = performance.now();
  const npm = spawn('npm', ['start'], { cwd: projectRoot, env: place.env, stdio: ['ignore', 'pipe', 'pipe'] });
  const tookMs = await untilReady(npm, startedAt);
  return {
    pid: npm.pid ?? 0,
    tookMs,
    async stop() {
      const closed = once(npm, 'close');
      npm.kill('SIGTERM');
      await closed;
    },
  };
}

function untilReady(npm: ChildProcess, startedAt: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      if (output.includes('Carillon is ready')) resolve(performance.now() - startedAt);
    };
    npm.stdout?.on('data', read);
    npm.stderr?.on('data', read);
    npm.once('error', reject);
    npm.once('exit', () => reject(new Error(`npm start ended. It printed:\n${output}`)));
  });
}

/** The fields of a job that the benchmarks set. */
export interface NewJob {
  jobType: 'one-time' | 'recurring';
  executionTime?: string;
  frequency?: string;
  handler?: string;
  payload?: unknown;
  pool?: string;
}

/** The running system, from outside: its API, its database and its Temporal. */
export interface World {
  readonly place: Place;
  /** The process that `npm start` is. */
  readonly pid: number;
  /** Submits a job, and answers with its id. */
  submit(job: NewJob): Promise<string>;
  /** Any call of the API; what is not 2xx is an error. */
  call(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<unknown>;
  readonly db: pg.Client;
  readonly temporal: Client;
}

/** Does `work` beside a running Carillon, with `connections` to its API. */
export async function withWorld<T>(place: Place, work: (world: World) => Promise<T>): Promise<T> {
  const started = await npmStart(place);
  const api = new Pool(place.apiUrl, { connections: 50, pipelining: 1 });
  const db = new pg.Client(place.databaseUrl());
  const connection = await Connection.connect({ address: place.temporalAddress });
  const key = readFileSync(path.join(place.dataDir, 'admin-key'), 'utf8').trim();
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const call: World['call'] = async (method, urlPath, body) => {
    const answer = await api.request({
      method,
      path: urlPath,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
    });
    if (answer.statusCode >= 300) throw new Error(`${answer.statusCode}: ${await answer.body.text()}`);
    return answer.body.json();
  };
  try {
    await db.connect();
    return await work({
      place,
      pid: started.pid,
      call,
      async submit(job) {
        const { jobId } = (await call('POST', '/api/jobs', { jobName: 'benchmark', ...job })) as { jobId: string };
        return jobId;
      },
      db,
      temporal: new Client({ connection }),
    });
  } finally {
    await api.close();
    await db.end();
    await connection.close();
    await started.stop();
  }
}

/** Asks until it is so, at most for `withinMs`; whether it became so. */
export async function becomesTrue(isSo: () => Promise<boolean>, withinMs: number): Promise<boolean> {
  const giveUpAt = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) return false;
    await delay(100);
  }
  return true;
}

async function freePorts(count: number): Promise<string[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => String((server.address() as { port: number }).port));
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
