import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/**
 * A step of the build: packs the workflows into the one file that workers load. A worker that had to do this itself
 * would take two seconds more to come up.
 */
const { code } = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(new URL('./workflows/index.js', import.meta.url)),
  // Its progress is of no use to a reader of the build; what is wrong is.
  logger: new DefaultLogger('WARN'),
});
await writeFile(new URL('./workflow-bundle.js', import.meta.url), code);
