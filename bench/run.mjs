// `npm run bench`: builds what is missing or out of date, compiles the benchmarks, and runs those that are named, or all.
import { ensure } from '../scripts/lib/ensure.mjs';
import { inProject, tool } from '../scripts/lib/project.mjs';
import { fail, runNode } from '../scripts/lib/run.mjs';

await ensure();
if ((await runNode(tool.tsc, ['-p', inProject('bench/tsconfig.json')])) !== 0) fail('The benchmarks have type errors.');
process.exitCode = await runNode(inProject('.cache/bench/main.js'), process.argv.slice(2));
