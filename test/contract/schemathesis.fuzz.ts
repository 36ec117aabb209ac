import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { startTestApi, type TestApi } from '../api/support.js';
import { temporaryDir } from '../support/temporary-dir.js';

// Set by scripts/test-contract.mjs.
const program = process.env['CONTRACT_SCHEMATHESIS'] ?? 'schemathesis';
const seconds = Number(process.env['CONTRACT_SECONDS'] ?? 90);

/**
 * It knows no 431, which is what a value gets that is too long for the header lines. And a batch is 200 when some of its jobs
 * are not valid: the answer says so for each.
 */
const settings = `
[checks.negative_data_rejection]
expected-statuses = ["4xx"]

[[operations]]
include-name = "POST /api/jobs/batch"
checks.negative_data_rejection.expected-statuses = ["200", "4xx"]
`;

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

test(
  'no request that can be made up from the OpenAPI document is answered otherwise than it says, or by a 5xx',
  async () => {
    const key = await api.makeKey('admin', { isInstanceAdmin: true });
    await keepKey(key.slice('carillon_'.length, 'carillon_'.length + 16));
    const cwd = temporaryDir('schemathesis');
    writeFileSync(path.join(cwd, 'schemathesis.toml'), settings);
    const child = spawn(
      program,
      [
        ...['run', `${api.url}/openapi.json`, '--url', api.url, '--header', `Authorization: Bearer ${key}`],
        ...[
          '--max-time',
          `${seconds}`,
          '--checks',
          'all',
          '--continue-on-failure',
          '--no-color',
          '--request-retries',
          '0',
        ],
        ...['--generation-database', 'none'],
        // A 422 is also for what JSON Schema cannot say: a calendar that there is not, `to` before `from`, a rule of no day.
        ...['--exclude-checks', 'positive_data_acceptance'],
      ],
      { cwd, stdio: ['ignore', 'inherit', 'inherit'] },
    );
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBe(0);
  },
  (seconds + 120) * 1_000,
);

/** The calls that revoke and rotate keys find the run's own in the list of keys: this one they cannot change. */
async function keepKey(id: string): Promise<void> {
  await api.db.query(sql`create function keep_row() returns trigger language plpgsql as 'begin return old; end'`);
  await api.db.query(
    sql([
      `create trigger keep_key before update on api_keys for each row when (old.id = '${id}') execute function keep_row()`,
    ]),
  );
}
