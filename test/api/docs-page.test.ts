import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { docsPage } from '../../src/api/docs-page.js';
import type { Endpoint } from '../../src/contract/endpoint.js';
import { endpoints } from '../../src/contract/endpoints.js';
import { openApiDocument } from '../../src/contract/openapi.js';
import { startTestApi, type Answer, type TestApi } from './support.js';

let api: TestApi;
let page: Answer;
beforeAll(async () => {
  api = await startTestApi();
  page = await api.call('GET', '/docs', { key: null });
});
afterAll(() => api.close());

test('the page of the API needs no key, and is HTML', () => {
  expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
});

test.each(Object.entries<Endpoint>(endpoints))('%s is on it, and can be linked to', (name, { path, summary }) => {
  expect(page.text).toContain(`<section id="${name}">`);
  expect(page.text).toContain(`<a href="#${name}">`);
  expect(page.text).toContain(path.replaceAll(/:(\w+)/g, '{$1}'));
  expect(page.text).toContain(summary.replaceAll("'", '&#39;'));
});

test('it loads nothing: no script, no picture, no frame, no style but its own, which the policy names', () => {
  expect(page.text).not.toMatch(/<(script|img|iframe|link|object|embed|base|form|video|audio|source|svg)\b/i);
  expect(page.text).not.toMatch(/\s(src|srcset|style|on\w+)=|url\(|@import/i);
  const links = [...page.text.matchAll(/\shref="([^"]*)"/g)].map(([, to]) => to);
  expect(links.filter((to) => !/^(#[\w-]+|\/openapi\.json)$/.test(to ?? ''))).toEqual([]);
  const style = /<style>([\s\S]*?)<\/style>/.exec(page.text)?.[1] ?? '';
  const hash = createHash('sha256').update(style).digest('base64');
  expect(page.headers['content-security-policy']?.toString().split('; ').toSorted()).toEqual([
    "base-uri 'none'",
    "default-src 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    `style-src 'sha256-${hash}'`,
  ]);
});

test('every link leads to a place on the page', () => {
  const ids = new Set([...page.text.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id));
  const links = [...page.text.matchAll(/\shref="#([^"]+)"/g)].map(([, id]) => id);
  expect(links.length).toBeGreaterThan(50);
  expect(links.filter((id) => !ids.has(id))).toEqual([]);
});

test('nothing of the document becomes HTML', () => {
  expect(docsPage(openApiDocument('<script>&"'))).toContain('&lt;script&gt;&amp;&quot;');
});

test('no other path under it is public', async () => {
  for (const path of ['/docs/', '/docs/x', '/docs%2f', '/DOCS', '//docs']) {
    expect([path, (await api.call('GET', path, { key: null })).status]).toEqual([path, 401]);
  }
});
