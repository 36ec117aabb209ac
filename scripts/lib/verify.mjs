// The one gate: everything but the tests themselves. Each check says what to do when it fails.
import { checkWorkflowBundle } from './check-workflow-bundle.mjs';
import { inProject, tool } from './project.mjs';
import { runQuietly } from './run.mjs';

/** Runs a tool of node_modules; what it said when it failed. */
const node =
  (script, ...args) =>
  async () => {
    const { code, output } = await runQuietly(process.execPath, [script, ...args]);
    return code === 0 ? [] : [output.trim()];
  };

const checks = [
  {
    name: 'format',
    what: 'prettier',
    todo: 'Run `npm run format`.',
    problems: node(tool.prettier, '--check', '--log-level=warn', '--cache', '--cache-location=.cache/prettier', '.'),
  },
  {
    name: 'lint',
    what: 'oxlint, with types',
    todo: 'Mend them; a rule that is wrong for us is switched off in .oxlintrc.json, with the reason.',
    problems: node(tool.oxlint, '--tsconfig', 'tsconfig.check.json', '.'),
  },
  {
    name: 'types',
    what: 'tsc, of src, test and bench',
    todo: 'Mend the types.',
    problems: node(tool.tsc, '-p', 'tsconfig.check.json'),
  },
  {
    name: 'layers',
    what: 'dependency-cruiser, on dist',
    todo: 'Each rule in .dependency-cruiser.mjs says what to do instead.',
    problems: node(tool.depcruise, '--config', '.dependency-cruiser.mjs', '--output-type', 'err-long', 'dist'),
  },
  {
    name: 'workflows',
    what: 'nothing in the bundle that breaks replay',
    todo: 'Keep src/workflows to values of src/domain.',
    problems: checkWorkflowBundle,
  },
  {
    name: 'unused',
    what: 'knip: files, exports, packages',
    todo: 'Delete what nothing uses; what is used in a way that knip does not see is named in knip.jsonc, with the reason.',
    problems: node(tool.knip, '--no-progress', '--no-config-hints'),
  },
  {
    name: 'database',
    what: 'the migrations make what schema.prisma says',
    todo: 'Write the missing migration: `npm run db:new -- NAME`.',
    problems: node(inProject('scripts/db.mjs'), 'drift'),
  },
];

/** Runs all checks, two at a time; whether all passed. Wants the build. */
export async function verify() {
  const startedAt = performance.now();
  const waiting = [...checks];
  const failed = [];
  const runner = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift())
      if (!(await passes(check))) failed.push(check.name);
  };
  await Promise.all([runner(), runner()]);
  const took = ((performance.now() - startedAt) / 1000).toFixed(1);
  if (failed.length === 0) console.log(`All ${checks.length} checks passed in ${took} s.\n`);
  else console.error(`\n${failed.length} of ${checks.length} checks failed: ${failed.join(', ')} (${took} s).\n`);
  return failed.length === 0;
}

async function passes({ name, what, todo, problems }) {
  const startedAt = performance.now();
  const found = await problems();
  const line = `${name.padEnd(10)} ${what} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`;
  if (found.length === 0) console.log(`  ok    ${line}`);
  else console.log(`  FAILS ${line}\n${found.join('\n').replace(/^/gm, '          ')}\n        ${todo}`);
  return found.length === 0;
}
