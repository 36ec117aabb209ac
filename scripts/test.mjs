// `npm test`: the whole gate, then the whole suite. `npm test -- test/schedule` (or any argument for jest): only those
// tests, and no gate.
import { ensure } from './lib/ensure.mjs';
import { tool } from './lib/project.mjs';
import { runNode } from './lib/run.mjs';

const args = process.argv.slice(2);
const isWhole = args.length === 0;

// Type errors of one part are no reason not to test another; the gate has them all.
await ensure({ despiteTypeErrors: true });
const isSound = !isWhole || (await gate());
const code = await runNode(tool.jest, args, {
  // jest runs ECMAScript modules by Node's VM modules.
  NODE_OPTIONS:
    `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --disable-warning=ExperimentalWarning`.trim(),
});
process.exitCode = isSound ? code : code || 1;

/** A check that fails makes the whole run fail; the tests run all the same, and have the last word. */
async function gate() {
  const { verify } = await import('./lib/verify.mjs');
  return verify();
}
