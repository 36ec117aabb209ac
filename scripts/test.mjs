// `npm test`: the whole gate, then the whole suite. `npm test -- test/schedule` (or any argument for jest): only those
// tests, and no gate.
import { ensure } from './lib/ensure.mjs';
import { tool } from './lib/project.mjs';
import { runNode } from './lib/run.mjs';

const args = process.argv.slice(2);
const isWhole = args.length === 0;

// While working on one part, the type errors of another are no reason not to test this one; the gate has them all.
await ensure({ despiteTypeErrors: !isWhole });
if (isWhole) {
  const { verify } = await import('./lib/verify.mjs');
  await verify();
}
process.exitCode = await runNode(tool.jest, args, {
  // jest runs ECMAScript modules by Node's VM modules.
  NODE_OPTIONS:
    `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --disable-warning=ExperimentalWarning`.trim(),
});
