// What must not be in the workflows: code whose answers change with the version of Node or the host, and so break the
// replay of what an older worker recorded. The bundler takes everything without a word.
import { readFile } from 'node:fs/promises';
import { inProject } from './project.mjs';

/** Our pure folders, and what the SDK itself brings. `.new` is where the build makes it. */
const ALLOWED =
  /^\.\/(dist(\.new)?\/(workflows|domain)|node_modules\/(@temporalio\/(workflow|common)|nexus-rpc|long|ms))\//;

/** Time zones, languages, and the formats made of them. */
const CHANGES_WITH_NODE = /\bIntl\b|\.toLocale[A-Z]\w*|\bTemporal\.(Now|ZonedDateTime)\b/;

/** @returns {Promise<string[]>} a sentence for each thing that must not be there */
export async function checkWorkflowBundle() {
  const bundle = await readFile(inProject('dist/workflow-bundle.js'), 'utf8');
  const modules = [...bundle.matchAll(/!\*\*\* (\.\/\S+) \*\*\*!/g)].map(([, name]) => name);
  if (modules.length === 0)
    return ['No modules were found in dist/workflow-bundle.js: has the format of the bundle changed?'];
  const foreign = modules.filter((name) => !ALLOWED.test(name));
  const found = CHANGES_WITH_NODE.exec(bundle.replace(/^\/\/# sourceMappingURL.*$/m, ''))?.[0];
  return [
    ...foreign.map(
      (name) => `${name} is in the workflow bundle: import its type only, or do that work in an activity.`,
    ),
    ...(found ? [`The workflow bundle uses ${found}: have an activity compute that and return the result.`] : []),
  ];
}
