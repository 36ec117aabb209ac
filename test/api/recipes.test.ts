import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { projectRoot } from '../../src/platform/embedded/dev-config.js';
import { startTestApi, type TestApi } from './support.js';

/** The page of recipes: each block of JSON that is marked so, with the text below it, which says what comes of it. */
const page = readFileSync(`${projectRoot}/docs/guides/schedules.md`, 'utf8');
const calendars = [...page.matchAll(/^```json calendar (\S+)\n([\s\S]*?)^```$/gm)];
const recipes = [...page.matchAll(/^```json recipe\n([\s\S]*?)^```\n\n```text\n([\s\S]*?)^```$/gm)];

interface Fire {
  local: string;
  excluded?: boolean;
  notes: string[];
}

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  for (const [, name, definition = ''] of calendars) {
    const put = await api.call('PUT', `/api/calendars/${name}`, { body: JSON.parse(definition) });
    if (put.status !== 200) throw new Error(`the calendar ${name} was refused: ${put.text}`);
  }
});
afterAll(() => api.close());

test('each recipe of the page has its outcome below it', () => {
  expect(recipes).toHaveLength([...page.matchAll(/^```json recipe$/gm)].length);
  expect(recipes.length).toBeGreaterThan(25);
});

test.each(recipes.map(([, body = '', outcome = '']) => [body.replaceAll(/\s+/g, ' ').trim(), outcome.trimEnd()]))(
  'the recipe %s comes out as the page says',
  async (body, outcome) => {
    const { status, text } = await api.call('POST', '/api/schedules/preview', { body: JSON.parse(body) });
    expect([status, text]).toEqual([200, expect.any(String)]);
    const answer = JSON.parse(text) as { understoodAs: string; fires: Fire[] };
    expect([answer.understoodAs, ...answer.fires.map(lineOf)].join('\n')).toBe(outcome);
  },
);

function lineOf({ local, excluded = false, notes }: Fire): string {
  return [local, ...(excluded ? ['excluded'] : []), ...notes.map((note) => `(${note})`)].join('  ');
}
