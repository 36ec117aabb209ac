import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { cancelJob } from '../../src/commands/index.js';
import { DEFAULT_PROJECT_ID } from '../../src/domain/ids.js';
import { projectRoot } from '../../src/platform/embedded/dev-config.js';
import { insertRun, type GivenRun } from '../support/runs.js';
import { startTestApi, type TestApi } from './support.js';
import { testVault } from '../support/encryption.js';

/** The page about runs: each request in it is sent, and its answer is the one below it. */
const page = readFileSync(`${projectRoot}/docs/guides/running.md`, 'utf8');
const requests = [
  ...page.matchAll(
    /^```http request (\S+)\n(\S+) (\S+)\n([\s\S]*?)^```\n\n(?:[^`][^\n]*\n\n)?```json answer (\d+)\n([\s\S]*?)^```$/gm,
  ),
].map(([, name = '', method = '', path = '', body = '', status = '', answer = '']) => ({
  ...{ name, method, path, status: Number(status), answer: JSON.parse(answer) as unknown },
  ...(body.trim() === '' ? {} : { body: JSON.parse(body) as unknown }),
}));

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterEach(() => api.db.query(sql`truncate redrives, runs, attempts, events`));
afterAll(() => api.close());

interface Situation {
  JOB: string;
  RUN: string;
}
const daily = { jobType: 'recurring', executionTime: undefined, frequency: 'daily', jobName: 'Morning report' };
const run = async (given: Partial<GivenRun> = {}, job: object = {}): Promise<Situation> => {
  const jobId = given.jobId ?? (await api.submit({ ...daily, ...job }));
  const runId = await insertRun(api.db, {
    ...{ jobId, projectId: DEFAULT_PROJECT_ID, scheduledFor: '2026-12-01T09:30:00Z', outcome: 'failed' },
    ...{ errorCode: 'http_status', ...given },
  });
  await api.db
    .query(sql`update runs set attempts = 3, error = error || '{"message": "The server answered 503 Service Unavailable."}'
    where id = ${runId} and outcome = 'failed'`);
  return { JOB: jobId, RUN: runId };
};
const waiting = async (): Promise<Situation> => {
  const { RUN: holder } = await run({ outcome: 'running', errorCode: undefined });
  await api.db.query(sql`update runs set concurrency_key = 'warehouse' where id = ${holder}`);
  const JOB = await api.submit({ ...daily, concurrency: { key: 'warehouse', limit: 1 } });
  const RUN = (await api.call('POST', `/api/jobs/${JOB}/run`)).json.runId;
  await api.db.query(sql`update runs set waits_for = 'concurrency', concurrency_key = 'warehouse' where id = ${RUN}`);
  return { JOB, RUN };
};
const outage = async (): Promise<Situation> => {
  await run();
  const cancelled = await run();
  await cancelJob(
    { db: api.db, vault: testVault, clock: { now: Date.now }, definitions: new Map(), onCommitted: () => undefined },
    { projectId: DEFAULT_PROJECT_ID, actor: 'test' },
    cancelled.JOB,
  );
  return run();
};

/** What there is before each request of the page. */
const situations: Record<string, () => Promise<Situation>> = {
  'what-failed': run,
  'why-it-waits': waiting,
  cancel: () => run({ outcome: 'running' }),
  retry: run,
  'redrive-count': outage,
  redrive: outage,
  async 'redrive-stop'() {
    const situation = await outage();
    await api.call('POST', '/api/runs/redrive', { body: { from: '2026-12-01T00:00:00Z' } });
    return situation;
  },
};

test('each request of the page has its answer below it, and is sent here', () => {
  expect(requests.map(({ name }) => name)).toEqual(
    [...page.matchAll(/^```http request (\S+)$/gm)].map(([, name]) => name),
  );
  expect(requests.map(({ name }) => name).toSorted()).toEqual(Object.keys(situations).toSorted());
});

test.each(requests)(
  'the request $name is answered as the page says',
  async ({ name, method, path, body, ...expected }) => {
    const { JOB, RUN } = (await situations[name]?.()) ?? { JOB: '', RUN: '' };
    const sent = path.replace('$JOB', JOB).replace('$RUN', RUN);
    const { status, text } = await api.call(method, sent, body === undefined ? {} : { body });
    expect({ status, answer: shapeOf(JSON.parse(text)) }).toEqual({
      ...{ status: expected.status, answer: shapeOf(expected.answer) },
    });
  },
);

/** An answer with its ids and instants, which differ from time to time, taken out. */
function shapeOf(answer: unknown): unknown {
  const text = JSON.stringify(answer)
    .replaceAll(/"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"/g, '"id"')
    .replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"instant"');
  return JSON.parse(text);
}
