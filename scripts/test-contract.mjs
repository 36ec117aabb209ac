// `npm run test:contract -- [SECONDS]`: lets schemathesis make up requests from the OpenAPI document, against an API of its
// own, and fails when an answer is not as documented or a 5xx. Takes 90 seconds when not told otherwise.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ensure } from './lib/ensure.mjs';
import { inProject, tool } from './lib/project.mjs';
import { runNode } from './lib/run.mjs';

/** The one place that names the version. */
const SCHEMATHESIS = 'schemathesis==4.32.5';

const seconds = Number(process.argv[2] ?? 90);
if (!Number.isInteger(seconds) || seconds < 10) {
  console.error('Usage: npm run test:contract -- [SECONDS], 10 or more; 600 for a long look.');
  process.exit(2);
}
await ensure({ despiteTypeErrors: true });
const executable = schemathesis();
if (executable) {
  const modules = '--experimental-vm-modules --disable-warning=ExperimentalWarning';
  process.exitCode = await runNode(tool.jest, ['--testMatch', '<rootDir>/test/contract/*.fuzz.ts'], {
    NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} ${modules}`.trim(),
    CONTRACT_SCHEMATHESIS: executable,
    CONTRACT_SECONDS: `${seconds}`,
  });
}

/** The program, installed if need be; undefined, and said so, where it cannot be had. */
function schemathesis() {
  const folder = inProject('.cache', SCHEMATHESIS.replace('==', '-'));
  const program = path.join(folder, 'bin', 'schemathesis');
  if (existsSync(program)) return program;
  try {
    execFileSync('python3', ['-m', 'venv', folder], { stdio: 'pipe' });
    execFileSync(path.join(folder, 'bin', 'pip'), ['install', '--quiet', SCHEMATHESIS], { stdio: 'pipe' });
    return program;
  } catch (error) {
    const reason = String(error.stderr ?? error.message)
      .trim()
      .split('\n')
      .at(-1);
    console.log(`Skipped the contract test: it needs python3 with venv, and ${SCHEMATHESIS} from PyPI (${reason}).`);
    return undefined;
  }
}
