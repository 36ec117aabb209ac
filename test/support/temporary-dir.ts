import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * A new folder for a test, which goes with the test run, however that ends. Others may pass through, as the account
 * must that Postgres runs as when we are root.
 */
export function temporaryDir(name: string): string {
  const dir = mkdtempSync(path.join(process.env['CARILLON_TEST_DIR'] ?? tmpdir(), `${name}-`));
  chmodSync(dir, 0o711);
  return dir;
}
