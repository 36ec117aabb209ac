// Installs, generates and builds what is missing or out of date. Nothing but Node may be imported here.
import fs from 'node:fs';
import { isInstalled, isPrismaClientFresh, sourceListing } from './freshness.mjs';
import { withLock } from './lock.mjs';
import { inProject, tool } from './project.mjs';
import { endIfStopped, fail, run, runNode, step } from './run.mjs';

const OLDEST_NODE = [20, 19];
const LISTING = 'dist/.sources';

/**
 * Makes what is missing. With `despiteTypeErrors` a build with type errors is used all the same: a database command
 * must work while the code still waits for the schema it will make.
 */
export async function ensure({ despiteTypeErrors = false } = {}) {
  checkNode();
  if (isInstalled() && isPrismaClientFresh() && isBuilt()) return;
  fs.mkdirSync(inProject('.cache'), { recursive: true });
  await withLock(inProject('.cache/ensure.lock'), async () => {
    // Asked again: whoever held the lock may have done it.
    if (!isInstalled()) await step('Installing packages (about a minute, once)', install);
    if (!isPrismaClientFresh()) await step('Generating the Prisma client', generatePrismaClient);
    if (!isBuilt()) await step('Building', () => build(despiteTypeErrors));
  });
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  fail(`Carillon needs Node ${OLDEST_NODE.join('.')} or later; this is ${process.versions.node}. Install a newer one.`);
}

async function install() {
  // The development packages too, whatever NODE_ENV says: the Prisma CLI and the embedded Postgres are among them.
  // Warnings about other people's packages would only bury what matters. No package's install script is needed
  // (`allowScripts` in package.json says so to npm 11); Prisma's would download its engines.
  const code = await run('npm', [
    'ci',
    '--include=dev',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]);
  endIfStopped();
  if (code !== 0) fail('npm ci failed: its words are above. Mend that (is there a network?), then run this again.');
}

async function generatePrismaClient() {
  fs.rmSync(inProject('src/generated/prisma'), { recursive: true, force: true });
  const code = await runNode(inProject('scripts/prisma.mjs'), ['generate', '--no-hints']);
  endIfStopped();
  if (code !== 0) fail('prisma generate failed: mend prisma/schema.prisma, then run this again.');
}

const isBuilt = () =>
  fs.existsSync(inProject(LISTING)) && fs.readFileSync(inProject(LISTING), 'utf8') === sourceListing();

/** Builds beside `dist` and swaps: no file of a deleted source stays, and a build that fails leaves the old one. */
async function build(despiteTypeErrors) {
  const fresh = inProject('dist.new');
  const listing = sourceListing();
  fs.rmSync(fresh, { recursive: true, force: true });
  const code = await runNode(tool.tsc, ['-p', 'tsconfig.json', '--outDir', fresh]);
  endIfStopped();
  const isSound = code === 0;
  if (!isSound && !despiteTypeErrors) fail('The sources have type errors (above): mend them, then run this again.');
  const isBundled = (await runNode(inProject('dist.new/bundle-workflows.js'))) === 0;
  endIfStopped();
  if (!isBundled && !despiteTypeErrors) fail('The workflows could not be bundled.');
  // Written last, and only for a whole build: one that was cut off, or has faults, is made anew.
  if (isSound && isBundled) fs.writeFileSync(inProject('dist.new/.sources'), listing);
  // Two renames, so that what loads from it at this moment finds the old or the new; removing takes its time.
  const old = inProject('dist.old');
  fs.rmSync(old, { recursive: true, force: true });
  if (fs.existsSync(inProject('dist'))) fs.renameSync(inProject('dist'), old);
  fs.renameSync(fresh, inProject('dist'));
  fs.rmSync(old, { recursive: true, force: true });
}
