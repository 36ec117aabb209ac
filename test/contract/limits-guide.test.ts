import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { limits } from '../../src/contract/values.js';
import { quotaNames } from '../../src/domain/quotas.js';
import { readServerConfig } from '../../src/platform/config.js';
import { TEST_ENCRYPTION_KEYS } from '../support/encryption.js';

const guide = readFileSync(new URL('../../docs/guides/limits.md', import.meta.url), 'utf8');
const number = (value: number) => value.toLocaleString('en');

test.each([
  `${limits.bodyBytes / 1024} KiB`,
  `${limits.payloadBytes / 1024} KiB as JSON`,
  `${limits.jsonDepth} levels`,
  `${number(limits.jsonKeys)} keys`,
  `${limits.nameLength} characters`,
  `${limits.tags} tags of ${limits.tagLength} characters`,
  `${limits.pageSize} entries`,
  `the ${number(limits.deepestPage)}th page`,
])('the guide names the bound that is checked: %s', (bound) => {
  expect(guide).toContain(bound);
});

test('the guide names the default rate limits, and every quota', () => {
  const { rateLimits } = readServerConfig({
    DATABASE_URL: 'postgresql://u:p@db:5432/carillon',
    CARILLON_ENCRYPTION_KEYS: TEST_ENCRYPTION_KEYS,
  });
  expect(guide).toContain(`${number(rateLimits.principal)} a min.`);
  expect(guide).toContain(`${number(rateLimits.address)} a min.`);
  for (const name of quotaNames) expect(guide).toContain(`\`${name}\``);
});
