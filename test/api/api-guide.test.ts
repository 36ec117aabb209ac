import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { projectRoot } from '../../src/platform/embedded/dev-config.js';
import { startTestApi, type TestApi } from './support.js';

/** The page about the API's conventions: its requests are sent one after another, and each answer is the one below. */
const page = readFileSync(`${projectRoot}/docs/guides/api.md`, 'utf8');
const requests = [
  ...page.matchAll(/^```http request (\S+)\n(\S+) (\S+)\n([\s\S]*?)^```\n\n```http answer\n(\d+)\n([\s\S]*?)^```$/gm),
].map(([, name = '', method = '', path = '', rest = '', status = '', answered = '']) => {
  const [headers = '', body] = `\n${rest}`.trimEnd().split(/\n\n(?={)/, 2);
  return {
    name,
    method,
    path,
    headers: headersOf(headers),
    body,
    status: Number(status),
    answered: headersOf(answered),
  };
});

function headersOf(lines: string): [name: string, value: string][] {
  return lines.split('\n').flatMap((line) => {
    const [, name, value] = /^([\w-]+): (.+)$/.exec(line) ?? [];
    return name === undefined || value === undefined
      ? []
      : [[name.toLowerCase(), value] as const satisfies [string, string]];
  });
}

let api: TestApi;
let JOB: string;
let ETAG: string;
const standFor = (text: string) => text.replace('$JOB', JOB).replace('$ETAG', ETAG);
beforeAll(async () => {
  api = await startTestApi();
  JOB = await api.submit();
});
afterAll(() => api.close());

test('the page has its requests', () => {
  expect(requests).toHaveLength(page.match(/^```http request/gm)?.length ?? 0);
  expect(requests.length).toBeGreaterThan(6);
});

test.each(requests)('$name is answered as the page says', async (request) => {
  // Of a stale one the tag is that of before the change.
  if (!request.name.endsWith('stale')) ETAG = String((await api.call('GET', `/api/jobs/${JOB}`)).headers.etag);
  const answer = await api.call(request.method, standFor(request.path), {
    headers: Object.fromEntries(request.headers.map(([name, value]) => [name, standFor(value)])),
    ...(request.body === undefined ? {} : { body: JSON.parse(request.body) as unknown }),
  });
  expect(answer.status).toBe(request.status);
  expect(answer.headers).toMatchObject(Object.fromEntries(request.answered));
});
