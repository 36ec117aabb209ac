import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { projectRoot } from '../../src/platform/embedded/dev-config.js';
import { startTestApi, type TestApi } from './support.js';

/** The jobs on the pages about execution and about each handler: each block of JSON that has a job's name is submitted. */

const guides = path.join(projectRoot, 'docs/guides');
const handlers = readdirSync(path.join(guides, 'handlers')).map((file) => `handlers/${file}`);
/** Stands in the pages for a job that is there. */
const SOME_JOB = '0198c0de-7a1b-7c3d-8e4f-1234567890ab';

let api: TestApi;
let some: string;

beforeAll(async () => {
  api = await startTestApi({ allow: ['command', 'container', 'sql'] });
  some = await api.submit({ jobType: 'recurring', frequency: 'daily', executionTime: undefined });
});
afterAll(() => api.close());

test('each handler has a page, and each page a job', async () => {
  const list = JSON.parse((await api.call('GET', '/api/handlers')).text) as { name: string }[];
  expect(handlers.toSorted()).toEqual(list.map(({ name }) => `handlers/${name}.md`).toSorted());
});

test.each(['execution.md', ...handlers])('every job of %s is taken', async (file) => {
  const page = readFileSync(path.join(guides, file), 'utf8');
  const blocks = [...page.matchAll(/^```json.*\n([\s\S]*?)^```$/gm)].map(([, body = '']) => body);
  const jobs = blocks.filter((body) => body.includes('"jobName"'));
  expect(jobs).not.toEqual([]);
  for (const job of jobs) {
    const body = JSON.parse(job.replaceAll(SOME_JOB, some)) as { executionTime?: string };
    // An instant that was to come when the page was written may be past.
    if (body.executionTime && Date.parse(body.executionTime) < Date.now()) body.executionTime = 'now';
    const { status, text } = await api.call('POST', '/api/jobs', { body });
    expect({ job, status, text }).toEqual({ job, status: 201, text });
  }
});
